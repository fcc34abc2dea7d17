// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/journeyman-dev/journeyman/internal/version/versiontest"
)

func TestMain(m *testing.M) { versiontest.Main(m, main) }

func TestVersion(t *testing.T) { versiontest.Check(t, "ingest") }
