"""The pure engine: operations, three-way diff, ordering, guards, rendering and codec."""
