"""What can be set about where uploaded files are kept."""

from typing import Annotated

from pydantic import Field, PositiveFloat, SecretStr
from pydantic_settings import BaseSettings

from server.settings.kinds import url_of


class FileSettings(BaseSettings):
    """A part of all that can be set."""

    s3_bucket: str | None = Field(
        None, min_length=3, description="keeps uploaded files; unset: data_dir does"
    )
    s3_endpoint: Annotated[str, url_of("http", "https")] | None = Field(
        None, description="a server that speaks S3; unset: Amazon's"
    )
    s3_region: str = Field("us-east-1", description="the bucket's region")
    s3_prefix: str = Field("", description="what the names of objects begin with")
    s3_access_key_id: str | None = Field(
        None, description="unset: the environment's AWS_…, or the machine's own"
    )
    s3_secret_access_key: SecretStr | None = Field(None, description="belongs to the id")
    s3_timeout_s: PositiveFloat = Field(30, description="the longest one request to it takes")
