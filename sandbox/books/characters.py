"""Companies of different tempers: what forecasts, limits and screens are tried on."""

from __future__ import annotations

from datetime import date

from sandbox.books.blemishes import dirty_day
from sandbox.books.build import Character, raise_company
from sandbox.books.company import Company
from sandbox.books.demo import DEMO
from sandbox.books.rhythms import Lateness
from sandbox.books.traits import Traits, character

_HOLIDAY = (0.7, 0.6, 0.7, 0.8, 0.9, 0.9, 0.8, 0.9, 0.9, 1.1, 1.7, 2.4)
_SUMMER = (0.2, 0.3, 0.8, 1.3, 1.6, 1.7, 1.6, 1.5, 1.2, 0.8, 0.4, 0.2)
_PROMPT = Lateness(1, 2)
_SLOW = Lateness(26, 14, split=0.2)
_EVERY_DAY = (1.0,) * 7

_TRAITS = (
    Traits("saas", "Ledgerly Cloud Inc.", "Software", "412380.66", margin=0.18, retainers=60, retainer=640,
           customer_terms=("Net 15", "Net 30"), customer_late=_PROMPT, vendors=10, bill=540, payroll=19_400, rent=2_100,
           card=4_200, taxes_quarterly=3_900),
    Traits("seasonal-retailer", "Tinsel & Twine", "Gift Shops", "21874.10", takings=46_000, receipts=True,
           season=_HOLIDAY, open_days=(0.7, 0.7, 0.8, 0.9, 1.2, 1.8, 1.0), vendors=18, bill=1_450, bills_each=0.9,
           vendor_terms=("Net 30", "Net 45"), payroll=9_800, rent=4_300, card=900, draws=3_200),
    Traits("restaurant", "Osteria del Porto", "Restaurants", "14206.53", takings=71_000, open_days=_EVERY_DAY,
           vendors=22, bill=610, bills_each=1.9, vendor_terms=("Net 10", "Net 15"), payroll=24_700,
           payroll_weekly=True, rent=7_900, loan=62_000, card=2_100, draws=2_500),
    Traits("contractor", "Granite State Builders", "General Contractors", "258410.77", projects=5, project=61_000,
           projects_each=0.28, customer_terms=("Net 30", "Net 60"), customer_late=_SLOW, vendors=16, bill=4_800,
           bills_each=0.7, payroll=21_300, loan=96_000, card=3_100, draws=6_000),
    Traits("importer", "Meridian Trading Co.", "Wholesale Distribution", "96340.08", projects=18, project=7_400,
           projects_each=0.6, vendors=16, bill=5_600, bills_each=0.6, vendor_terms=("Net 30", "Net 60"),
           payroll=16_200, rent=3_900, currencies=(("CAD", "0.7260"), ("EUR", "1.0850")), card=1_200),
    Traits("brand-new", "First Light Bakery", "Bakeries", "18250.40", margin=None, history_days=20, takings=9_000,
           vendors=6, bill=380, bills_each=2.0, rent=1_950, card=400),
    Traits("empty", "Blank Slate LLC", "Other", None, history_days=0, vendors=0),
    Traits("dirty", "Shoebox & Sons", "Professional Services", "23318.91", retainers=4, retainer=2_600, projects=20,
           project=3_900, unpaid_share=0.06, customer_late=_SLOW, vendors=20, bill=900, vendor_late=Lateness(15, 12),
           payroll=11_200, rent=2_450, card=1_800, stage=dirty_day),
    Traits("five-thousand-bills", "Continental Parts Depot", "Auto Parts", "642118.32", margin=None, history_days=120,
           projects=30, project=14_000, projects_each=1.0, vendors=70, bill=310, bills_each=21.0,
           vendor_terms=("Net 30", "Net 60"), vendor_late=Lateness(170, 25), payroll=42_000, rent=11_000),
    Traits("dormant", "Sleeping Giant Media", "Media", "7415.22", history_days=400, retainers=3, retainer=1_900,
           vendors=8, bill=420, rent=900, asleep_days=95),
    Traits("soloist", "Inés Barros Consulting", "Management Consulting", "31960.45", projects=6, project=5_200,
           projects_each=0.5, vendors=5, bill=260, bills_each=0.4, card=1_100, draws=6_500, taxes_quarterly=4_100),
    Traits("law-firm", "Byrne Haddad LLP", "Law Firms", "88742.19", retainers=6, retainer=3_300, projects=24,
           project=4_700, projects_each=0.45, customer_late=Lateness(34, 18, split=0.25), unpaid_share=0.03,
           vendors=12, bill=720, payroll=31_500, rent=8_200, card=2_400, draws=9_000, taxes_quarterly=7_700),
    Traits("dental", "Prairie Dental Group", "Dental Practices", "64117.83", projects=40, project=1_650,
           projects_each=1.6, customer_terms=("Net 30", "Net 45"), customer_late=Lateness(12, 10, split=0.3),
           vendors=14, bill=1_150, payroll=38_900, payroll_provider=True, rent=6_700, loan=140_000, card=1_600),
    Traits("nonprofit", "Wildflower Foundation", "Civic Organizations", "143902.07", projects=5, project=48_000,
           projects_each=0.33, customer_late=Lateness(20, 20), vendors=12, bill=980, payroll=26_400, rent=2_900,
           card=900),
    Traits("landscaper", "Verde & Sons Landscaping", "Landscaping", "87883.36", retainers=12, retainer=880,
           projects=14, project=4_900, projects_each=0.5, season=_SUMMER, vendors=12, bill=1_050, payroll=15_700,
           payroll_weekly=True, loan=48_000, card=2_900, draws=3_800),
    Traits("manufacturer", "Ironwood Components", "Manufacturing", "201455.60", projects=16, project=21_500,
           projects_each=0.9, customer_terms=("Net 45", "Net 60"), customer_late=Lateness(9, 8), vendors=26,
           bill=5_200, bills_each=1.1, vendor_terms=("Net 30", "Net 45", "2% 10 Net 30"), payroll=74_000,
           rent=14_500, loan=310_000, taxes_quarterly=12_000),
    Traits("staffing", "Northgate Staffing", "Staffing", "73920.14", retainers=9, retainer=15_400,
           customer_terms=("Net 45",), customer_late=Lateness(11, 8), vendors=6, bill=450, payroll=96_000,
           payroll_weekly=True, payroll_provider=True, rent=3_100, card=1_300),
    Traits("ecommerce", "Copper Kettle Direct", "Online Retail", "38220.95", takings=58_000, open_days=_EVERY_DAY,
           season=_HOLIDAY, vendors=10, bill=2_600, bills_each=0.9, payroll=8_800, card=11_500, draws=4_000),
    Traits("wholesaler", "Lakeside Foods Wholesale", "Food Wholesale", "112608.41", projects=34, project=3_850,
           projects_each=1.4, customer_late=Lateness(6, 6), vendors=18, bill=4_400, bills_each=1.3,
           vendor_terms=("Net 15", "2% 10 Net 30"), payroll=19_800, rent=9_400, loan=75_000),
    Traits("burning-startup", "Halcyon Robotics", "Research", "684201.72", margin=-0.85, history_days=400,
           projects=1, project=4_000, projects_each=0.2, vendors=16, bill=2_300, payroll=88_000,
           payroll_provider=True, rent=9_800, card=14_200),
    Traits("property-manager", "Stonebridge Rentals", "Property Management", "45077.30", retainers=28, retainer=1_780,
           customer_terms=("Due on receipt",), customer_late=Lateness(5, 5), unpaid_share=0.02, vendors=14, bill=640,
           payroll=5_900, loan=260_000, draws=7_500, taxes_quarterly=6_200),
    Traits("one-big-customer", "Silverline Logistics", "Trucking", "52310.88", retainers=1, retainer=64_000, projects=6,
           project=3_100, customer_terms=("Net 45",), customer_late=Lateness(14, 9), vendors=14, bill=1_900,
           payroll=27_500, loan=120_000, card=8_700),
    Traits("declining", "Marlowe Records", "Recording Studios", "9882.17", margin=-0.2, retainers=3, retainer=2_100,
           projects=10, project=2_400, customer_late=_SLOW, unpaid_share=0.05, vendors=12, bill=560,
           vendor_late=Lateness(24, 12), payroll=9_900, rent=3_700, card=1_500, draws=1_500),
    Traits("long-ids", "Åkerlund & Müller Œuvre", "Art Dealers", "26114.09", history_days=200, retainers=3,
           retainer=3_100, projects=8, project=5_300, vendors=10, bill=870, payroll=7_700, rent=2_600, card=900,
           first_id=5_000_000_000_000_503_623, extra_fields=True),
)
_BY_KEY = {traits.key: traits for traits in _TRAITS}

CHARACTERS = (DEMO.key, *_BY_KEY)


def find_character(key: str, seed: int) -> Character:
    """Raises KeyError for a key that is not in CHARACTERS."""
    return DEMO if key == DEMO.key else character(_BY_KEY[key], seed)


def build(key: str, seed: int, today: date, *, until: date | None = None, realm: str = "") -> Company:
    """The books of a character.

    `today` fixes its history; `until` (exclusive, default `today`) shows the same history as it stood on an earlier
    day: nothing of later days is in it. Raises KeyError for an unknown key.
    """
    return raise_company(find_character(key, seed), seed, today, until=until, realm=realm)
