"""The rows of a file judged one chunk after another; nothing is repaired."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from geo.codes import natural
from geo.intake import columns
from geo.intake.findings import Finding
from geo.intake.progress import Progress
from geo.intake.reader import Chunk, Layer
from geo.intake.reference import Reference, reference_of
from geo.intake.shapes import Shapes, middles, take
from geo.points import Envelope


@dataclass(frozen=True)
class Checked:
    """Some judged rows: natural codes (empty for none), names, kinds, predecessors, WGS-84 shapes, which are sound."""

    first: int
    codes: list[str]
    names: list[str]
    kinds: list[str]
    replaces: list[list[str]]
    shapes: Shapes
    sound: list[bool]


class Check:
    """Judges the chunks of a layer; what is found is kept, and so are the divisions and the reference."""

    def __init__(self, layer: Layer, datum: str | None, envelope: Envelope, progress: Progress) -> None:
        """Take over a layer that has just been opened."""
        self.findings: list[Finding] = []
        self.attributes = columns.Attributes()
        self.reference: Reference | None = None
        self._layer, self._datum, self._envelope, self._progress = layer, datum, envelope, progress
        self._flattened = 0

    def chunks(self) -> Iterator[Checked]:
        """Judge the layer chunk by chunk; raises IntakeRefused for what concerns the file as a whole."""
        for chunk in self._layer.chunks:
            if self.reference is None:
                self.reference, notes = reference_of(
                    self._layer.crs, self._datum, middles(chunk.shapes), self._envelope
                )
                self.findings += notes
            yield self._checked(chunk, self.reference)
            done = chunk.first - 1 + len(chunk.shapes)
            self._progress("read", done, max(done, self._layer.total))
        if self._flattened:
            self.findings.append(Finding("heights_dropped", facts={"count": self._flattened}))
        self.findings += self._layer.notes

    def _checked(self, chunk: Chunk, reference: Reference) -> Checked:
        taken = take(chunk.shapes, reference, self._envelope)
        self._flattened += taken.flattened
        codes = [natural(code) or "" for code in chunk.columns["code"]]
        found = [replace(fault, row=chunk.first + nth, cell_code=codes[nth]) for nth, fault in taken.faults.items()]
        found += self.attributes.findings(chunk)
        self.findings += found
        sound = np.full(len(codes), fill_value=True)
        sound[[finding.row - chunk.first for finding in found if finding.row]] = False
        shown = [code or columns.harmless(given) for code, given in zip(codes, chunk.columns["code"], strict=True)]
        return Checked(
            chunk.first,
            shown,
            [columns.harmless(name) for name in chunk.columns["name"]],
            [columns.kind(code) for code in codes],
            [columns.predecessors(columns.harmless(text)) for text in chunk.columns.get("replaces", [""] * len(codes))],
            taken.shapes,
            sound.tolist(),
        )
