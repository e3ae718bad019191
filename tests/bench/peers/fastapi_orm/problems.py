"""Errors as problem documents (RFC 9457)."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

_TYPES = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    412: "precondition-failed",
    422: "validation",
}


def problem(
    request: Request, status: int, detail: str, errors: list[Any] | None = None
) -> JSONResponse:
    """An error as an answer."""
    slug = _TYPES.get(status, "server-error")
    body: dict[str, Any] = {
        "type": f"https://papi.prospectconnect.ai/problems/{slug}",
        "title": slug.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": request.url.path,
    }
    if errors is not None:
        body["errors"] = errors
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers, "application/problem+json")


def answer_problems(app: FastAPI) -> None:
    """Makes an application answer its errors as problems."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        return problem(request, error.status_code, error.detail)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {
                "field": ".".join(str(part) for part in fault["loc"][1:]),
                "code": fault["type"],
                "message": fault["msg"],
            }
            for fault in error.errors()
        ]
        in_head = any(fault["loc"][0] == "header" for fault in error.errors())
        detail = f"{len(errors)} fields failed validation."
        return problem(request, 400 if in_head else 422, detail, errors)
