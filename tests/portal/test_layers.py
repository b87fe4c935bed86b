"""The live layer over Postgres: what was committed reaches every group, in this process and others."""

import asyncio
import json

import psycopg
import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import connection, transaction

from accounts.live import announce
from portal.layers import CHANNEL, PostgresLayer

pytestmark = pytest.mark.django_db(transaction=True)
WITHIN = 10
in_thread = database_sync_to_async


async def member(layer, *groups):
    channel = await layer.new_channel()
    for group in groups:
        await layer.group_add(group, channel)
    return channel


async def hears(layer, channel):
    return await asyncio.wait_for(layer.receive(channel), WITHIN)


def run(scenario):
    """Runs it on a loop of its own, with a layer of its own, as another process would."""
    return asyncio.run(scenario(PostgresLayer()))


def test_a_group_hears_what_is_sent_to_it_and_nothing_else():
    async def scenario(layer):
        alice, bob = await member(layer, "user.alice"), await member(layer, "user.bob")
        await layer.group_send("user.alice", {"type": "news", "id": 1})
        await layer.group_send("user.bob", {"type": "news", "id": 2})
        assert await hears(layer, bob) == {"type": "news", "id": 2}
        assert await hears(layer, alice) == {"type": "news", "id": 1}

    run(scenario)


def test_every_member_and_every_process_hears_it():
    async def scenario(layer):
        elsewhere = PostgresLayer()
        members = [(layer, await member(layer, "room")), (elsewhere, await member(elsewhere, "room"))]
        await layer.group_send("room", {"type": "news"})
        assert [await hears(*one) for one in members] == [{"type": "news"}] * 2

    run(scenario)


def test_an_announcement_leaves_with_the_commit():
    async def scenario(layer):
        channel = await member(layer, "room")

        def in_transaction():
            with transaction.atomic():
                announce("room", type="first")
                with psycopg.connect(**plain_parameters()) as other:
                    # Sent later but committed sooner: it arrives first.
                    other.execute("select pg_notify(%s, %s)", [CHANNEL, json.dumps(["room", {"type": "second"}])])

        await in_thread(in_transaction)()
        assert [(await hears(layer, channel))["type"] for _ in range(2)] == ["second", "first"]

    run(scenario)


def test_what_is_rolled_back_was_never_said():
    async def scenario(layer):
        channel = await member(layer, "room")

        def in_transaction():
            with transaction.atomic():
                announce("room", type="never")
                transaction.set_rollback(True)

        await in_thread(in_transaction)()
        await layer.group_send("room", {"type": "after"})
        assert await hears(layer, channel) == {"type": "after"}

    run(scenario)


def test_a_listener_whose_connection_was_cut_comes_back_and_says_resync():
    async def scenario(layer):
        channel = await member(layer, "room")
        await in_thread(cut_listeners)()
        assert await hears(layer, channel) == {"type": "resync"}
        await layer.group_send("room", {"type": "news"})
        assert await hears(layer, channel) == {"type": "news"}

    run(scenario)


def test_one_who_has_left_hears_nothing_and_is_not_remembered():
    async def scenario(layer):
        channel, other = await member(layer, "room"), await member(layer, "room")
        await layer.group_discard("room", channel)
        await layer.group_send("room", {"type": "news"})
        await hears(layer, other)
        with pytest.raises(TimeoutError):
            # Cancelled while it waits, as a consumer that ends: this is when a channel is forgotten.
            await asyncio.wait_for(layer.receive(channel), 0.01)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(layer.receive(other), 0.01)
        here = layer.here
        assert (dict(here.channels_of), dict(here.groups_of), here.queues) == ({}, {}, {})

    run(scenario)


def test_one_who_cannot_keep_up_is_told_to_look_again():
    async def scenario(layer):
        slow, quick = await member(layer, "room"), await member(layer, "room")
        for number in range(layer.capacity + 1):
            layer.here.deliver("room", {"type": "news", "id": number})
            await hears(layer, quick)
        assert await hears(layer, slow) == {"type": "resync"}

    run(scenario)


def test_content_does_not_fit_into_a_message():
    with pytest.raises(ValueError, match="send an id"):
        PostgresLayer().publish("room", {"type": "news", "text": "x" * 8000})


def test_this_is_the_layer_without_redis():
    assert isinstance(get_channel_layer(), PostgresLayer)


def plain_parameters():
    known = connection.get_connection_params()
    return {name: value for name, value in known.items() if name not in {"cursor_factory", "context", "pool"}}


def cut_listeners():
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where query = %s and datname = current_database()",
            [f"listen {CHANNEL}"],
        )
        assert cursor.rowcount
