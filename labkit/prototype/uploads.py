"""Pages that are sent with files: each file is kept first, and stands in the form by the digest of its document.

It takes what an agent's browser shows (PDF, PNG, JPEG) and refuses the rest, in words beside the question.
"""

from litestar.datastructures import UploadFile

from labkit.prototype.documents import SHOWN, SIZE_MAX_BYTES, Documents, NotKept
from labkit.prototype.events import ServiceEvent
from labkit.prototype.questions import Form, Read, questions_of, read_form
from labkit.prototype.serving import Asked, Prototype, form_of, in_thread, one


async def read_page(prototype: Prototype, request: Asked, kind: type[ServiceEvent]) -> tuple[Form, Read]:
    """Return the form that a page was filled with, to be shown again if need be, and what became of it."""
    texts = prototype.texts(prototype.view(request).language)
    form, refused = dict(await form_of(request)), dict[str, str]()
    for name in [question.name for question in questions_of(kind, texts) if question.kind == "file"]:
        form[name] = [one(form, name)]  # The document that was sent before, if it is to stay.
        upload = await upload_named(request, name)
        if upload is None:
            continue
        try:
            form[name] = [await keep(prototype, upload)]
        except NotKept as reason:
            refused[name] = texts(str(reason))
    read = read_form(kind, form, texts)
    return form, Read(event=None, errors=read.errors | refused) if refused else read


async def upload_named(request: Asked, name: str) -> UploadFile | None:
    """Return the file that was chosen for a question; browsers send an empty text where none was."""
    given = (await request.form()).getall(name, [])
    return next((each for each in given if isinstance(each, UploadFile)), None)


async def keep(prototype: Prototype, upload: UploadFile) -> str:
    """Keep a file, and return the digest of the document that it became.

    Raises:
        NotKept: it is empty, too large, or of another kind than those that are taken.
    """
    content = await upload.read(SIZE_MAX_BYTES + 1)
    await upload.close()
    attachment = await in_thread(Documents(prototype.data).keep, content, upload.content_type, only=SHOWN)
    return attachment.digest
