"""The contract type behind the layer rules: it lists what a module may import, not what it may not."""

from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.imports import Module


class MayImport(Contract):
    """Each of ``modules``, with all below it, imports of ours nothing but itself and what is ``allowed``.

    Only direct imports count: what an allowed module imports is that module's own contract. A module that
    does not exist imports nothing and keeps the contract.
    """

    type_name = "may_import"

    modules = fields.ListField(subfield=fields.ModuleField())
    allowed = fields.ListField(subfield=fields.ModuleField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        layers = cast("list[Module]", self.modules)
        allowed = cast("list[Module]", self.allowed)
        broken = [
            (importer, imported, detail["line_number"], detail["line_contents"])
            for layer in layers
            for importer in _with_all_below(graph, layer)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not any(Module(imported).is_in_package(home) for home in [layer, *allowed])
            for detail in graph.get_import_details(importer=importer, imported=imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported, line, text in check.metadata["broken"]:
            output.print_error(f"{importer}:{line} must not import {imported}: {text}")


def _with_all_below(graph: ImportGraph, layer: Module) -> list[str]:
    if layer.name not in graph.modules:
        return []
    return sorted({layer.name, *graph.find_descendants(layer.name)})
