"""Where and when the sample happens, and how its texts are sealed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

NOW = datetime(2026, 11, 19, 13, 32, 20, tzinfo=UTC)
PAU = "216404459"
REGION = "200067254"
NAMES = {
    PAU: "Commune de Pau",
    REGION: "CA Pau Béarn Pyrénées",
    f"{PAU}/cantine-scolaire": "Cantine scolaire",
    f"{PAU}/acte-naissance": "Copie d’acte de naissance",
    f"{PAU}/signalement-voirie": "Signalement sur la voie publique",
    f"{PAU}/mediatheque": "Inscription à la médiathèque",
    f"{PAU}/aide-domicile": "Aide à domicile",
    f"{PAU}/stationnement": "Stationnement résidentiel",
    f"{REGION}/dechets": "Collecte des déchets et encombrants",
    f"{REGION}/eau": "Eau et assainissement",
}
_IDS = UUID("6f0b7f6a-9d0c-4b0e-8a55-2b8a4f0f6a11")
ERASED = "sealed:erased:"
NO_KEY_HERE = "sealed:elsewhere:"


def identify(name: str) -> UUID:
    """Return the same identifier for the same name."""
    return uuid5(_IDS, name)


def seal(text: str) -> str:
    """Return what the views hold of a personal text; this one has its key."""
    return f"sealed:open:{text}" if text else ""


def ago(days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
    """Return a moment before now."""
    return NOW - timedelta(days=days, hours=hours, minutes=minutes)
