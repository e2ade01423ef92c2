"""What a text claims: numbers, materials, colours, origin, certificates, qualities, service, what fits what."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.ai.checks.claims.reading import Sentence


@dataclass(frozen=True)
class Measure:
    """A number with what it counts."""

    value: float | None  # in the base unit of its dimension; None where the sign cannot be read as one number
    dimension: str  # "length mm"; "" for a bare number
    exactness: float = 0.0  # how far a converted value may be off: half of the last digit that was written
    unit: str = ""  # folded, as written; of a bare number the number itself
    role: str = ""  # width, height … where the words say so
    relation: str = ""  # "more" than 300 ml, "less" than a kilogram, "about" a litre


@dataclass(frozen=True)
class Claim:
    """Something a sentence says that could be false."""

    kind: str  # number | model | material | colour | origin | certificate | quality | warranty | compatibility | …
    start: int
    end: int
    concepts: frozenset[str] = frozenset()  # what the words stand for; one of them must be meant
    negated: bool = False
    measure: Measure | None = None


@dataclass(frozen=True)
class Said:
    """A sentence and its claims."""

    sentence: Sentence
    claims: tuple[Claim, ...]

    def words(self, claim: Claim) -> str:
        """The words of a claim exactly as they stand."""
        return self.sentence.quote(claim.start, claim.end)
