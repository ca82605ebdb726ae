from pathlib import Path

import pytest

from ledger.settings import LOOPBACK, SOURCE_DEFAULT, Settings, SettingsError, check_local, read_settings

DATABASE = "postgresql://ledger:s3cret@db.example/ledger"
KEYS = "postgresql://keys:s3cret@keys.example/keys"


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({}) == Settings(
        data=Path(".collectivilab"),
        database_url=None,
        keys_database_url=None,
        nats_url=None,
        host="127.0.0.1",
        port=8421,
        source=SOURCE_DEFAULT,
        body_size_max_bytes=4_000_000,
        stream_replicas=1,
    )


def test_every_setting_is_read_from_the_environment() -> None:
    given = {
        "COLLECTIVILAB_DATA": "/srv/ledger",
        "COLLECTIVILAB_HOST": "::1",
        "COLLECTIVILAB_PORT": "9000",
        "COLLECTIVILAB_SOURCE": "https://registre.pau.example/ledger/",
        "COLLECTIVILAB_BODY_SIZE_MAX_BYTES": "1000",
        "COLLECTIVILAB_STREAM_REPLICAS": "3",
        "DATABASE_URL": DATABASE,
        "KEYS_DATABASE_URL": KEYS,
        "NATS_URL": "nats://broker.example:4222",
    }

    assert read_settings(given) == Settings(
        data=Path("/srv/ledger"),
        database_url=DATABASE,
        keys_database_url=KEYS,
        nats_url="nats://broker.example:4222",
        host="::1",
        port=9000,
        source="https://registre.pau.example/ledger",
        body_size_max_bytes=1000,
        stream_replicas=3,
    )


def test_what_others_set_is_left_alone() -> None:
    assert read_settings({"PATH": "/usr/bin", "PORT": "80", "collectivilab_port": "80"}) == Settings()


def test_a_setting_left_empty_is_one_not_given() -> None:
    assert read_settings({"COLLECTIVILAB_PORT": "", "DATABASE_URL": "", "NATS_URL": ""}) == Settings()


def test_the_keys_live_apart_from_the_ledger() -> None:
    settings = read_settings({"COLLECTIVILAB_DATA": "/srv/ledger"})

    assert settings.ledger_file == Path("/srv/ledger/ledger.db")
    assert {settings.vault_file.parent, settings.master_key_file.parent} == {Path("/srv/ledger/keys")}


@pytest.mark.parametrize("name", ["COLLECTIVILAB_PROT", "COLLECTIVILAB_", "COLLECTIVILAB_port"])
def test_a_setting_that_does_not_exist_stops_the_ledger_and_names_those_that_do(name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({name: "8421", "COLLECTIVILAB_DATA": "here"})

    assert str(refused.value) == (
        f"Unknown setting {name}. The settings are: COLLECTIVILAB_DATA, COLLECTIVILAB_HOST, COLLECTIVILAB_PORT, "
        "COLLECTIVILAB_SOURCE, COLLECTIVILAB_BODY_SIZE_MAX_BYTES, COLLECTIVILAB_STREAM_REPLICAS, "
        "COLLECTIVILAB_LOGS, COLLECTIVILAB_METRICS, COLLECTIVILAB_METRICS_PORT, "
        "DATABASE_URL, KEYS_DATABASE_URL, NATS_URL."
    )


@pytest.mark.parametrize("port", ["http", "-1", "80.5", "0", "65536", "٨٤٢١", " 8421", "9" * 5000])
def test_a_port_is_a_whole_number_that_exists(port: str) -> None:
    with pytest.raises(SettingsError, match="COLLECTIVILAB_PORT must be a whole number from 1 to 65535"):
        read_settings({"COLLECTIVILAB_PORT": port})


@pytest.mark.parametrize("size", ["0", "4MB", "1e6"])
def test_the_largest_body_is_a_whole_number_of_bytes(size: str) -> None:
    with pytest.raises(SettingsError, match="COLLECTIVILAB_BODY_SIZE_MAX_BYTES must be a whole number"):
        read_settings({"COLLECTIVILAB_BODY_SIZE_MAX_BYTES": size})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.20", "registre.pau.example", "127.0.0.1.example"])
def test_an_address_that_others_could_reach_is_refused_and_the_reason_given(host: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"COLLECTIVILAB_HOST": host})

    assert str(refused.value) == (
        f"The ledger listens on this machine only, not on {host}: it has no access control yet. Use 127.0.0.1."
    )


@pytest.mark.parametrize("host", LOOPBACK)
def test_the_addresses_of_the_machine_itself_are_taken(host: str) -> None:
    check_local(host)
    assert read_settings({"COLLECTIVILAB_HOST": host}).host == host


@pytest.mark.parametrize(
    "source",
    [
        "http://registre.pau.example",
        "registre.pau.example",
        "urn:pau:ledger",
        "https:",
        "https:///ledger",
        "https://pau.example/le registre",
        "https://pau.example/ledger?a=1",
        "https://pau.example/ledger#a",
        "https://agent@pau.example",
    ],
)
def test_the_source_of_events_is_an_absolute_https_address(source: str) -> None:
    with pytest.raises(SettingsError, match="COLLECTIVILAB_SOURCE must be an absolute https URI"):
        read_settings({"COLLECTIVILAB_SOURCE": source})


@pytest.mark.parametrize("url", ["mysql://ledger:s3cret@db.example/x", "sqlite:///ledger.db", "postgres+x://db"])
def test_a_database_of_another_kind_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL must begin with postgresql://") as refused:
        read_settings({"DATABASE_URL": url})

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("replicas", ["0", "6", "three"])
def test_a_stream_is_kept_by_one_to_five_servers(replicas: str) -> None:
    with pytest.raises(SettingsError, match="COLLECTIVILAB_STREAM_REPLICAS must be a whole number from 1 to 5"):
        read_settings({"COLLECTIVILAB_STREAM_REPLICAS": replicas})


def test_a_key_store_of_another_kind_is_refused_without_showing_its_password() -> None:
    with pytest.raises(SettingsError, match="KEYS_DATABASE_URL must begin with postgresql://") as refused:
        read_settings({"DATABASE_URL": DATABASE, "KEYS_DATABASE_URL": "mysql://keys:s3cret@db.example/x"})

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(("ledger", "named"), [(None, "needs DATABASE_URL"), (KEYS, "the ledger's own database")])
def test_keys_are_never_kept_in_the_ledgers_own_database(ledger: str | None, named: str) -> None:
    given = {"KEYS_DATABASE_URL": KEYS} | ({"DATABASE_URL": ledger} if ledger else {})

    with pytest.raises(SettingsError, match=named) as refused:
        read_settings(given)

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("url", [DATABASE, "postgres://db.example/ledger", "host=db.example dbname=ledger"])
def test_a_postgresql_database_is_taken_in_every_way_of_writing_it(url: str) -> None:
    assert read_settings({"DATABASE_URL": url}).database_url == url
