"""What the other tests make cheaper for themselves is strong where nobody made it cheaper."""

from __future__ import annotations

from data.db import make_engine


def test_passwords_and_words_are_dear_to_guess(own_hashers) -> None:
    passwords, words = own_hashers
    # RFC 9106's second recommended choice; OWASP's least
    assert (passwords.time_cost, passwords.memory_cost, passwords.parallelism) == (3, 65_536, 4)
    assert (words.time_cost, words.memory_cost, words.parallelism) == (2, 19_456, 1)
    assert passwords.type.name == words.type.name == "ID"


def test_a_sqlite_file_waits_for_the_disk_and_overwrites_what_is_deleted(tmp_path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/one.db")
    with engine.connect() as conn:
        kept = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    engine.dispose()
    assert kept == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}  # 2 = FULL
