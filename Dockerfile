# Copyright The Journeyman Authors.
# SPDX-License-Identifier: Apache-2.0
#
# One image with all programs. Without Docker, `make image` packs the same programs.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN TRIMPATH=1 hack/build.sh operator ingest store analysis simulator

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/bin/ /
USER 65532:65532
ENTRYPOINT ["/operator"]
