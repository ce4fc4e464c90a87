"""The words of which the reference company is made up."""

from __future__ import annotations

__all__ = [
    "BUILDINGS",
    "CATALOGUE",
    "CITIES",
    "FAMILIES",
    "FORMS",
    "GIVEN",
    "OWNERS",
    "PLACES",
    "STREETS",
    "TRADES",
    "TYPES",
    "UNITS",
]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FAMILIES = _words("""
Abbott Acosta Ágreda Bélanger Bishop Boyd Brandt Calloway Castañeda Chu Côté Dalton Dubois
Eklund Farrow Fuentes Gagnon Garrity Hale Hart Hidalgo Ibarra Jansen Jørgensen Kessler Kim
Lachance Lindqvist Lowry Marchetti McCabe Mendoza Moreau Müller Nakamura Nuñez Okafor Ortiz
Pruitt Quill Ramírez Reyes Rossi Sandoval Schäfer Soto Strand Tanaka Thibault Tran Underhill
Vance Vega Voss Wexler Whitlock Yates Zamora Zielinski
""")
GIVEN = _words(
    "Ana Ben Carla Dov Eva Finn Grace Hugo Inés Jon Kara Leo Mia Noel Olga Paul Rosa Sam"
)
TRADES = _words("""Acoustics Cabinets Concrete Controls Demolition Doors Drywall Earthwork Electric
Elevator Excavating Fencing Fire Flooring Glass HVAC Insulation Ironworks Landscape
Lumber Masonry Mechanical Millwork Painting Paving Plumbing Rebar Rentals Roofing Steel Stone
Striping Survey Tile Trucking Waterproofing Windows""")
FORMS = ("", "Inc", "LLC", "Co", "Ltd", "Corp", "& Sons", "Group")
TYPES = ("", "SUB", "SUB", "SUPP", "SUPP", "RENT", "PROF")
STREETS = _words("Alder Birch Canal Depot Foundry Grant Harbor Juniper Mill Quarry Ridge Station")
CITIES = (
    ("Spokane", "WA", "992"),
    ("Boise", "ID", "837"),
    ("Portland", "OR", "972"),
    ("Cañon City", "CO", "812"),
    ("Reno", "NV", "895"),
    ("St. Paul", "MN", "551"),
    ("San José", "CA", "951"),
)
OWNERS = (
    "School District",
    "County",
    "Health",
    "Water Authority",
    "Properties",
    "Holdings",
    "University",
)
PLACES = _words("Cedar Elm Lakeview Northgate Orchard Pioneer Río Sunset Terrace Union Valley West")
BUILDINGS = _words("Clinic Garage Library Office School Station Tower Warehouse Bridge Annex")

# Division, then the work in it; every work comes in several stages with codes of their own.
_WORK = {
    "01": "Supervision|Permits|Temp Power|Cleanup|Safety|Scaffold|Dumpsters",
    "02": "Saw Cutting|Abatement|Selective Demo|Haul Off|Surveying|Site Fence|Salvage",
    "03": "Footings|Slab on Grade|Walls|Columns|Elevated Deck|Formwork|Rebar",
    "04": "CMU Walls|Brick Veneer|Stone Sills|Grout|Lintels|Tuckpointing|Anchors",
    "05": "Columns & Beams|Joists|Metal Deck|Stairs|Handrail|Embeds|Ladders",
    "06": "Rough Framing|Blocking|Casework|Trim|Sheathing|Trusses|Paneling",
    "07": "Roofing|Flashing|Insulation|Sealants|Air Barrier|Siding|Firestop",
    "08": "HM Frames|Wood Doors|Hardware|Storefront|Windows|Skylights|OH Doors",
    "09": "Drywall|Ceilings|Paint|Carpet|Tile|Resilient Base|Plaster",
    "10": "Signs|Lockers|Partitions|Accessories|Extinguishers|Mailboxes|Flagpole",
    "11": "Dock Equipment|Kitchen|Lab Hoods|Gym Equipment|Appliances|AV Screens|Bleachers",
    "12": "Blinds|Countertops|Seating|Entry Mats|Shelving|Benches|Bike Racks",
    "21": "Sprinkler Mains|Sprinkler Heads|Standpipes|Fire Pump|Risers|Backflow|Alarms",
    "22": "Sanitary Waste|Domestic Water|Fixtures|Gas Piping|Roof Drains|Pumps|Heaters",
    "23": "Ductwork|Air Handlers|Chillers|Boilers|Controls|Balancing|Exhaust Fans",
    "26": "Branch Wiring|Lighting|Switchgear|Feeders|Generator|Grounding|Panels",
    "31": "Clearing|Mass Excavation|Backfill|Erosion Control|Shoring|Piles|Dewatering",
    "32": "Asphalt|Curb & Gutter|Sidewalks|Striping|Planting|Irrigation|Retaining Walls",
    "33": "Storm Drain|Sewer Main|Water Main|Manholes|Duct Bank|Hydrants|Vaults",
}
_STAGES = ("", " - Supply", " - Rework")

CATALOGUE = tuple(
    (f"{division}{work:02}{stage:02}", f"{name}{suffix}")
    for division, names in _WORK.items()
    for work, name in enumerate(names.split("|"), start=10)
    for stage, suffix in enumerate(_STAGES)
)

UNITS = ("LS", "EA", "SF", "LF", "CY", "TN")
