"""`/v1/subscriptions`: webhooks (订阅) of those who follow the changes."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.encoding import JSON, encode
from api.examples import shows
from api.feed_view import AskedView
from api.push.courier import Courier
from api.push.messages import message_of, ping_of
from api.push.targets import parse_target, resolve
from api.push_examples import (
    CREATED,
    DEAD,
    DELIVERIES,
    OUTCOME,
    SUBSCRIPTION,
    SUBSCRIPTIONS,
)
from api.security import Holder, Integrator
from api.time_travel import asked_day
from registry.changes.store import ChangeStore
from registry.subscriptions import commands
from registry.subscriptions.model import Delivery, DeliveryState, Outcome, Payload, Subscription
from registry.subscriptions.store import KEPT_DELIVERED, SubscriptionStore

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"])

Limit = Annotated[int, Query(ge=1, le=1000)]


class NewSubscription(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="Where to POST; http or https, not in a private network")
    payload: Payload = Payload.FULL
    within: str | None = Field(default=None, description="A division by id, or by code today")
    collections: list[str] = Field(
        default=[], description="divisions, names, addresses, amendments"
    )
    kinds: list[str] = Field(default=[], description="Kinds of division, object or named place")
    after: int | None = Field(
        default=None, ge=0, description="Start after this change; 0: all; default: those to come"
    )


class Redelivery(BaseModel):
    """Which change to send again."""

    model_config = ConfigDict(extra="forbid")

    change: int = Field(ge=1)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    operation_id="createSubscription",
    responses={201: {"content": {"application/json": {"example": CREATED}}}},
)
def create_subscription(asked: NewSubscription, request: Request, holder: Integrator) -> Response:
    """Subscribe to changes by webhook; the secret is shown this once."""
    asked_day(request, None)
    courier = _courier(request)
    resolve(parse_target(asked.url), courier.allowed)
    with request.app.state.engine.connect() as connection:
        view = AskedView(asked.within, asked.collections, asked.kinds).resolved(connection)
        if not SubscriptionStore(connection).all():
            courier.signer.make_key()
        made = commands.subscribe(
            connection,
            holder=holder.name,
            url=asked.url,
            payload=asked.payload,
            view=view,
            after=asked.after,
        )
        secret = courier.signer.secret(made.subscription_id)
        connection.commit()
    return _answer(
        {**_body(made), "secret": secret},
        HTTPStatus.CREATED,
        {"Location": f"/v1/subscriptions/{made.subscription_id}"},
    )


@router.get("", operation_id="listSubscriptions", responses=shows(SUBSCRIPTIONS))
def list_subscriptions(request: Request, holder: Integrator) -> Response:
    """One's own subscriptions; an administrator sees all."""
    asked_day(request, None)
    with request.app.state.engine.connect() as connection:
        found = SubscriptionStore(connection).all(holder=_own(holder))
    return _answer({"subscriptions": [_body(one) for one in found]})


@router.get("/{subscription_id}", operation_id="getSubscription", responses=shows(SUBSCRIPTION))
def get_subscription(subscription_id: UUID, request: Request, holder: Integrator) -> Response:
    """One subscription and how far it has come."""
    asked_day(request, None)
    return _answer(_body(_get(request, subscription_id, holder)))


@router.delete(
    "/{subscription_id}", status_code=HTTPStatus.NO_CONTENT, operation_id="deleteSubscription"
)
def delete_subscription(subscription_id: UUID, request: Request, holder: Integrator) -> Response:
    """End a subscription and forget its deliveries."""
    with request.app.state.engine.connect() as connection:
        store = SubscriptionStore(connection)
        store.hold(subscription_id, holder=_own(holder))
        store.remove(subscription_id)
        connection.commit()
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/{subscription_id}/pause",
    operation_id="pauseSubscription",
    responses=shows({**SUBSCRIPTION, "state": "paused", "paused_why": "paused by its holder"}),
)
def pause(subscription_id: UUID, request: Request, holder: Integrator) -> Response:
    """Deliver nothing until it is resumed; nothing is lost."""
    with request.app.state.engine.connect() as connection:
        commands.pause(connection, subscription_id, holder=_own(holder), who=holder.name)
        connection.commit()
    return _answer(_body(_get(request, subscription_id, holder)))


@router.post(
    "/{subscription_id}/resume", operation_id="resumeSubscription", responses=shows(SUBSCRIPTION)
)
def resume(subscription_id: UUID, request: Request, holder: Integrator) -> Response:
    """Deliver again, from the change after the last one dealt with."""
    with request.app.state.engine.connect() as connection:
        commands.resume(connection, subscription_id, holder=_own(holder))
        connection.commit()
    return _answer(_body(_get(request, subscription_id, holder)))


@router.get(
    "/{subscription_id}/deliveries",
    operation_id="listDeliveries",
    responses=shows(DELIVERIES),
)
def deliveries(
    subscription_id: UUID, request: Request, holder: Integrator, limit: Limit = KEPT_DELIVERED
) -> Response:
    """What became of the latest deliveries, latest change first."""
    return _deliveries(request, subscription_id, holder, state=None, limit=limit)


@router.get(
    "/{subscription_id}/dead-letters", operation_id="listDeadLetters", responses=shows(DEAD)
)
def dead_letters(
    subscription_id: UUID, request: Request, holder: Integrator, limit: Limit = KEPT_DELIVERED
) -> Response:
    """Changes that were given up, latest first: send them again, or read them from the feed."""
    return _deliveries(request, subscription_id, holder, state=DeliveryState.DEAD, limit=limit)


@router.post(
    "/{subscription_id}/redeliver",
    operation_id="redeliverChange",
    responses=shows({**OUTCOME, "state": "delivered"}),
)
def redeliver(
    subscription_id: UUID, asked: Redelivery, request: Request, holder: Integrator
) -> Response:
    """Send a change that had its turn once more, now, out of turn; says what came of it."""
    engine = request.app.state.engine
    with engine.connect() as connection:
        held = SubscriptionStore(connection).get(subscription_id, holder=_own(holder))
        one = ChangeStore(connection).get(asked.change)
        commands.check_dealt_with(held, asked.change)
        message = message_of(
            connection,
            one,
            held,
            public_url=request.app.state.settings.public_url,
            previous=None,
        )
    if message is None:
        return _answer({**_told(Outcome(None, "nothing of it lies in the view")), "state": None})
    outcome = _courier(request).deliver(subscription_id, held.url, message)
    with engine.connect() as connection:
        state = commands.settle_again(connection, subscription_id, asked.change, outcome)
        connection.commit()
    return _answer({**_told(outcome), "state": state.value})


@router.post("/{subscription_id}/ping", operation_id="pingSubscription", responses=shows(OUTCOME))
def ping(subscription_id: UUID, request: Request, holder: Integrator) -> Response:
    """Send a signed test message now; says what came of it."""
    held = _get(request, subscription_id, holder)
    message = ping_of(held, public_url=request.app.state.settings.public_url)
    return _answer(_told(_courier(request).deliver(subscription_id, held.url, message)))


def _deliveries(
    request: Request,
    subscription_id: UUID,
    holder: Holder,
    *,
    state: DeliveryState | None,
    limit: int,
) -> Response:
    asked_day(request, None)
    with request.app.state.engine.connect() as connection:
        store = SubscriptionStore(connection)
        store.get(subscription_id, holder=_own(holder))
        found = store.deliveries(subscription_id, state=state, limit=limit)
    return _answer({"deliveries": [_delivery(one) for one in found]})


def _get(request: Request, subscription_id: UUID, holder: Holder) -> Subscription:
    with request.app.state.engine.connect() as connection:
        return SubscriptionStore(connection).get(subscription_id, holder=_own(holder))


def _own(holder: Holder) -> str | None:
    """Whose subscriptions a holder may touch; None: anybody's."""
    return None if holder.role == "administrator" else holder.name


def _courier(request: Request) -> Courier:
    courier: Courier = request.app.state.push.courier
    return courier


def _body(one: Subscription) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(one)
    del body["sent_to"]
    return {"id": body.pop("subscription_id"), **body}


def _delivery(one: Delivery) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(one)
    del body["subscription_id"]
    return body


def _told(outcome: Outcome) -> dict[str, Any]:
    return {"delivered": outcome.delivered, "status": outcome.status, "error": outcome.error}


def _answer(
    body: dict[str, Any], status: int = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response:
    # What a subscription is at changes without a change of the registry: nobody may keep it.
    return Response(
        encode(body),
        status_code=status,
        media_type=JSON,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
