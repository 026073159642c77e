"""What identifies a person in English texts, of a 311 city or an ombudsman's office.

A capital letter alone tells no name: a person is taken only after a title, a word that introduces
one, or one's own "my name is". Folded text in (`redact.fold`), as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .redact_numbers import Found
from .redact_screen import has_bare_english, has_latin_word

_WORD = r"(?:O['’]|Mc|Mac)?[A-Z][a-z]+(?:[-'’][A-Z][a-z]+)*(?![a-z])"
_PLACE = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Drive|Court|Place|Boulevard|Park|Plaza|School|Pond|Hall"
    r"|Station|Church|Hospital|Library|Square|Bridge|Parking|Association|Center|Centre)\b"
)
_FULL = rf"{_WORD}(?:\s[A-Z]\.)?\s(?!{_PLACE}){_WORD}(?!['’]s\s{_PLACE}|\s{_PLACE})"
_KIN = (
    r"mother|father|wife|husband|son|daughter|brother|sister|aunt|uncle|cousin|friend|partner"
    r"|grandmother|grandfather"
)
_TITLED = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s(?P<it>{_FULL}|(?!{_PLACE}){_WORD})(?!['’]s\s[A-Z]|\s{_PLACE})"
)
_INTRODUCED = re.compile(
    r"\b(?:[Mm]y name is|[Nn]ames?:|[Nn]amed|[Ii] am|[Ii]['’]m|[Cc]ontact(?: name| person)?:?"
    r"|[Nn]eighbou?r,?|[Tt]enant,?|[Ll]andlord,?|[Oo]wner,?|[Rr]esident,?|[Cc]aller,?|[Cc]omplainant:?"
    rf"|[Ss]igned:?|[Oo]n behalf of|[Aa]sk for|(?:{_KIN}),?)\s(?P<it>{_FULL})"
)
_TYPE = (
    r"(?:St|Ave|Rd|Blvd|Dr|Ln|Ct|Pl|Ter|Pkwy|Street|Avenue|Road|Boulevard|Drive|Lane|Court|Place"
    r"|Terrace|Close|Crescent)"
)
_WAY = (
    r"(?:(?:[NSEW]\.?|North|South|East|West)\s)?[A-Z][a-z]+(?:\s[A-Z][a-z]+){0,2}"
    rf"\s{_TYPE}\b(?:,?\s(?:Apt|Unit|Flat|#)\.?\s?[0-9A-Z-]{{1,5}})?"
)
_STREET = re.compile(
    rf"(?<![0-9$])(?:[1-9][0-9]{{1,4}}[A-Z]?|(?<=\bat )[1-9][A-Z]?|[1-9][A-Z])\s+{_WAY}"
)
_PLATE = re.compile(
    r"\b(?:[Pp]late|[Rr]egistration|[Ll]icen[cs]e)(?:\s(?:number|no\.?|plate))*\s?:?\s?"
    r"(?P<it>(?=[A-Z0-9 -]*[0-9])(?=[A-Z0-9 -]*[A-Z])[A-Z0-9]{2,4}[ -]?[A-Z0-9]{3,4})\b"
)
_SECURITY = re.compile(
    r"(?<![0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9-])"
    r"|(?:\bSSN|[Ss]ocial [Ss]ecurity(?: number| no\.?)?)\s?(?:is|:)?\s?"
    r"(?P<us>[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{4})(?![0-9])"
    r"|(?:[Nn]ational [Ii]nsurance|\bNINO|\bNI)(?: number| no\.?)?\s?(?:is|:)?\s?"
    r"(?P<uk>[A-Z]{2}(?:\s?[0-9]{2}){3}\s?[A-D])\b"
)
_PASSPORT = re.compile(
    r"\b[Pp]assport(?:\s(?:number|no\.?))?\s?(?:is|:)?\s?(?P<it>[0-9]{9})(?![0-9])"
)
_TEN = re.compile(
    r"\b(?:[Pp]hone|[Cc]ell|[Tt]el|[Cc]all|[Mm]obile|number is)\.?\s?(?:is|:|at|me at)?\s?"
    r"(?P<it>[2-9][0-9]{2}[2-9][0-9]{6})(?![0-9])"
)
_BRITISH = re.compile(r"(?<![0-9])(?:\+44[ -]?|0)7[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}(?![0-9])")

_BARE = (("id_number", _SECURITY), ("phone", _BRITISH))
"""Numbers that are known without a word before them."""
_WITH_WORDS = (
    ("name", _TITLED), ("name", _INTRODUCED), ("address", _STREET), ("plate", _PLATE),
    *_BARE[:1], ("passport", _PASSPORT), ("phone", _TEN), *_BARE[1:],
)  # fmt: skip


def english(plain: str) -> Iterator[Found]:
    """Names, house-level addresses, numbers and plates as English texts have them."""
    kinds = _WITH_WORDS if has_latin_word(plain) else _BARE if has_bare_english(plain) else ()
    for kind, pattern in kinds:
        for match in pattern.finditer(plain):
            group = next((name for name, value in match.groupdict().items() if value), 0)
            yield Found(kind, match.start(group), match.end(group))
