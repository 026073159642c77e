"""Full names, where the words around them say that a person is meant.

Chinese has no capital letters, so a name is taken only in context: after a word that introduces a
person, or before one that follows a person. "王某某", "张女士" and "老李" name nobody and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .redact_numbers import Found

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫"
    "孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童"
    "凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连"
    "芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖"
    "巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权"
    "强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓"
    "修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植"
    "衡富尧闭由"
)
_TWO = "欧阳|上官|司马|诸葛|夏侯|尉迟|皇甫|司徒|令狐|慕容|东方|端木|公孙|轩辕|钟离|宇文|长孙"
_COMMON = _SURNAMES[:240]
"""The surnames of some 95 % of people; the rarer ones are mostly everyday words as well."""

_NOT_NAME = re.compile(
    "陈述|高度|高速|高层|高空|高价|高温|高压|高新|高标|高中|方便|方面|方案|方式|任何|任务|安全|安置|安装|安排|安静|成立|成员|成本|成功"
    "|成为|常年|常住|常常|平时|全部|全体|全家|于是|于今|于明|于去|于昨|于20|于本|于上|金额|金融|白天|万元|万多|万余|时间|明确|关于|关系|关闭"
    "|关停|向上|向政|向镇|向县|向区|向街|向村|向社|向有|向相|向本|向物|向开|向我|向其|向住|向人|向劳|向法|周边|周围|周末|周期|周一|周二|周三"
    "|周四|周五|周六|周日|马上|马路|石头|石材|严重|严格|温度|温泉|单位|单元|单独|单据|曾经|曾多|曾向|曾于|曾到|曾在|曾被|曾因|曾找|支付|程序|程度|强烈|别人"
    "|施工|文件|文化|武装|申请|申报|申诉|包工|包括|包含|包装|左右|左边|管理|管道|管委|管线|解决|解除|项目|路面|路边|路灯|路口|车辆|车位|车主|车库|房屋|房主"
    "|房东|房产|房租|应该|应当|应付|应急|毛坯|田地|田间|农田|江边|江苏|江西|甘肃|石家|金华|季度|费用|和谐|和解|连续|连夜|钱款|钱没|钱被"
    "|尚未|尚有|尚无|尚欠|余名|余户|余人|余万|余元|易发|易燃|许多|许可|许诺|常务|常态|任职|任期|任村|任由|段时|段路|龙头|龙虾|史上"
    "|雷电|雷雨|金属|钟楼|石板|文明|贺电|顾客|顾虑|梁柱|康复|康养|童年|谷物|苗木|苗圃|盛世|盛夏|冷却|柴油|蓝天|蓝图|游客|路基|舒适|童装|查处|祝愿"
    "|江水|汤药|万分|万一|白色|白酒|黄色|黄金|黄土|黄昏|胡乱|莫名|余款|牛奶|牛羊|田埂|林地|林业|林权|林木|林场|马桶|叶片|农民|农户|农业|夏天|夏季|秦岭"
    "|郭村|何时|何种|何人|何处|何日|何故|谢谢|程某|何以|杨树|桂花|柳树|温州|杭州|苏州|郑州|徐州|常州|兰州|孟村"
)
_SUFFIX_NOT_GIVEN = "某家村庄镇乡区县市路街巷弄组屯寨总董局科处厅长主书老女先师阿姓氏某们户"
"""A second character that makes it no given name: 张某, 王家, 李村, 周局, 刘总 …"""
_GIVEN = r"[一-龥]"
_NAME = (
    rf"(?:(?:{_TWO}){_GIVEN}{{1,2}}"
    rf"|[{_COMMON}](?![{_SUFFIX_NOT_GIVEN}X×*]|小(?:姐|区|学|组)){_GIVEN}{{1,2}})"
)
_RARE = rf"(?:{_NAME}|[{_SURNAMES}](?![{_SUFFIX_NOT_GIVEN}X×*]){_GIVEN}{{1,2}})"
_TIBETAN = (
    "(?:扎西|次仁|旦增|丹增|洛桑|格桑|尼玛|达瓦|平措|索朗|巴桑|边巴|普布|拉巴|米玛|仁青|才让|卓玛|白玛|德吉|央金)"
    rf"(?:{_GIVEN}{{2}})?"
)
_FOREIGN = rf"(?:{_GIVEN}{{2,7}}[·•]{_GIVEN}{{2,9}}|{_TIBETAN})"

_LABEL = (
    "姓名|联系人|申请人|投诉人|反映人|举报人|信访人|来访人|来电人|来信人|上访人|提出人|当事人|委托人|代理人|被告|原告|"
    "诉求人|经手人|被保险人|投保人|持卡人|承租人|出租人|签字人|签收人|报案人|受害人|监护人|收货人|联络人|"
    "法定代表人|法人代表|法人|负责人|经办人|户主|死者|伤者|患者|证人|收款人|开户名|户名|乘客|签名|署名|落款|我叫|名叫|叫做|名字叫|名字是|被拖欠人"
)
_WHO = (
    "业主|村民|居民|住户|租客|租户|房东|包工头|工头|老板|工人|员工|职工|农民工|民工|学生|家长|老人|残疾人|邻居|原户主|承包人|承包户|种植户|养殖户|"
    "贫困户|低保户|拆迁户|经营者|店主|摊主|司机|教师|老师|医生|护士|会计|出纳|本人|我是|群众|党员|军人|退伍军人|乡邻|亲戚|同事|同学|妻子|丈夫|"
    "业主代表|工人代表|村民代表|驾驶员|保安|队长|班长|班组长|组长|村支书|支书|村主任|主任|书记|经理|老总|工友|孕妇|工作人员|爸爸|妈妈|我爸|我妈|"
    "儿子|女儿|父亲|母亲|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆|叔叔|姑姑|舅舅|儿媳|女婿|孙子|孙女|婆婆|公公|前夫|前妻|老公|老婆|爱人|丧偶"
)
_END = (
    r"(?=$|[\s，。、；：:,.;!！?？()（）\[\]【】“”\"'〔《〈/]|等|反映|诉|称|说|表示|来电|来访|来信|要求|请求|希望|认为|提出"
    r"|的|在|于|与|和|及|向|因|系|是|被|把|将|多次|申请|办理|退|代|家|户|今年|去年|之|自|从|为|对|给|已|未|没|欠|拖|承|租|购|买|住"
    r"|电话|手机|身份|男|女|到|去|跟|同|也|还|不|有|拿|带|打|找|经|于|现|曾|至今|收了|态度|让|答应|生前|承诺|拒绝|[0-9])"
)
_BEFORE = (
    r"(?:(?<=[\s，。、；：:,.;!！?？()（）\[\]【】“”\"'〔》"
    r"和与及由给被把对是系找让跟叫到村组户])|^)"
)
_AFTER = (
    r"(?=等(?:[0-9一二两三四五六七八九十百几数多]+(?:余|多)?(?:人|户|名|位)|人|村民|业主|工人|居民|群众|员工|农民工)"
    r"|反映|来电|来访|来信|诉称|投诉|举报|信访|上访"
    r"|的?(?:丈夫|妻子|儿子|女儿|父亲|母亲|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|老公|老婆|爱人|前夫|前妻|家属|亲属|遗孀)"
    r"|的(?:房屋|房子|宅基地|工资|承包地|身份证|手机|电话|住宅|家中|户口|养老金|低保)"
    r"|(?:先生|女士|同志|师傅|大爷|大妈|阿姨|老师|医生|老板)"
    r"|[二两三四五六七八九十][人户名位]|代为|写的|签的|(?:的)?账户|合伙|现金[一二三四五六七八九0-9]"
    r"|\s?(?:男|女)\s?[,，、]"
    r"|\s?[,，(（]\s?(?:男|女|身份证|身份号|电话|手机|联系电话|住|现住|[0-9]{2}岁|19[0-9]{2}年)"
    r"|\s?(?:身份证|联系电话|手机号|电话[:：]|[(（]?1[3-9][0-9]{9}))"
)
_MARK = r"\s*(?:是|为|叫|[:：])?\s*[“\"（(]?"

_AFTER_LABEL = re.compile(rf"(?:{_LABEL}){_MARK}(?P<it>{_FOREIGN}|{_RARE}){_END}", re.MULTILINE)
_AFTER_COLON = re.compile(
    rf"(?:{_LABEL})\s*[:：]\s*(?P<it>{_GIVEN}{{2,4}})(?=$|[\s，。、；,;（(])", re.M
)
_AFTER_WHO = re.compile(
    rf"(?:{_WHO})(?:家?[（(]|\s*(?:叫|名叫|姓名|[:：])?\s*[“\"]?)(?P<it>{_FOREIGN}|{_NAME}){_END}",
    re.MULTILINE,
)
_SELF = re.compile(
    rf"本人(?P<it>[{_SURNAMES}](?![{_SUFFIX_NOT_GIVEN}]){_GIVEN}{{2}})(?=[\s，,（(])"
)
_BEFORE_WORD = re.compile(rf"{_BEFORE}(?P<it>{_FOREIGN}|{_NAME}){_AFTER}", re.MULTILINE)
_LISTED = re.compile(rf"{_BEFORE}(?P<it>{_NAME})(?=、|等|$)", re.MULTILINE)


def names(plain: str) -> Iterator[Found]:
    """Full names in context in a folded text."""
    found: list[tuple[int, int]] = []
    for pattern in (_AFTER_LABEL, _AFTER_COLON, _AFTER_WHO, _SELF, _BEFORE_WORD):
        for match in pattern.finditer(plain):
            name = match.group("it")
            if not _NOT_NAME.match(name) and "某" not in name:
                found.append(match.span("it"))
    if not found:
        return
    # 张建国、李秀英、王磊等人: those listed beside a found one are persons too
    ends = {end for _, end in found} | {start - 1 for start, _ in found}
    listed = list(_LISTED.finditer(plain))
    for match in [*listed, *reversed(listed)]:
        start, end = match.span("it")
        name = match.group("it")
        is_beside = start - 1 in ends or end in ends
        if (
            is_beside
            and (start, end) not in found
            and not _NOT_NAME.match(name)
            and "某" not in name
        ):
            found.append((start, end))
            ends |= {end, start - 1}
    for start, end in found:
        yield Found("name", start, end)
