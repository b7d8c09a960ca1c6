"""Which findings and scans survive being written as SARIF and read again?"""

from hypothesis import strategies as st

from fairlead.gates.finding import Finding, Place, Scan, Severity

# Sentences are told on one line; lone halves of characters are no text.
SENTENCE = st.text(min_size=1, max_size=40).map(
    lambda text: " ".join("".join(s if s.isprintable() else " " for s in text).split()) or "it"
)
FILE = st.text(min_size=1, max_size=20).filter(lambda text: not text.startswith("./"))


def _place(file: str, lines: list[int], columns: list[int]) -> Place:
    return Place(file, min(lines), min(columns), max(lines), max(columns))


_COUNTS = st.lists(st.integers(1, 10**6), min_size=2, max_size=2)
PLACE = st.builds(_place, FILE, _COUNTS, _COUNTS)
FINDING = st.builds(
    Finding,
    SENTENCE,
    st.sampled_from(Severity),
    SENTENCE,
    st.none() | PLACE,
    subject=st.just("") | SENTENCE,
    help=st.just("") | SENTENCE,
    link=st.sampled_from(["", "https://example.org/rule", "http://a.b/?c=d#e"]),
    fix=st.sampled_from(["", "--- a\n+++ b\n@@ -1 +1 @@\n-\teval(x)\n+\tx()\n"]),
    dismissed=st.just("") | SENTENCE,
)
SCAN = st.builds(
    Scan,
    tool=SENTENCE,
    version=st.just("") | SENTENCE,
    about=st.sampled_from(["", "https://example.org/rules"]),
    findings=st.lists(FINDING, max_size=5).map(tuple),
    unknown=st.just("") | SENTENCE,
)
