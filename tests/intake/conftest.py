"""A county small enough to hold in the head: two townships, three bodies, three grids."""

import datetime as dt

import pandas as pd
import pytest

from data.categories import load_categories
from data.rows import Known

NOW = dt.datetime(2026, 3, 10, 4, 0, tzinfo=dt.UTC)  # noon in Shanghai
ZONE = "Asia/Shanghai"


@pytest.fixture
def known():
    bodies = pd.DataFrame(
        {
            "body_id": ["b02", "b03", "t330102001"],
            "name_zh": ["人力资源和社会保障局", "住房和城乡建设局", "东门街道办事处"],
            "name_en": ["Labour Bureau", "Construction Bureau", "Dongmen office"],
        }
    )
    townships = pd.DataFrame(
        {
            "township_code": ["330102001", "330102002"],
            "name_zh": ["东门街道", "西河镇"],
            "name_en": ["Dongmen", "Xihe"],
        }
    )
    grids = {
        "330102001001001": "330102001",
        "330102001001002": "330102001",
        "330102002001001": "330102002",
    }
    return Known(load_categories(), bodies, townships, grids)


@pytest.fixture
def row():
    """A row of a Chinese sheet in which everything is right."""
    return {
        "来源编号": "A-1",
        "提出时间": "2026年3月5日 14:05",
        "乡镇（街道）": "东门街道",
        "网格": "330102001001001",
        "类别": "欠薪",
        "性质": "申诉求决",
        "来源渠道": "来访",
        "责任单位": "人力资源和社会保障局",
        "事项内容": "某工地拖欠三个月工资。",
    }
