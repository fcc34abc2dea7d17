// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package versiontest runs a program of cmd/ as a process of its tests, and checks its flag --version.
package versiontest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/version"
)

const asProgram = "JOURNEYMAN_TEST_AS_PROGRAM"

// Main is the TestMain of a program. In a process of Command it calls main, which is the program; else it runs the tests.
func Main(m *testing.M, main func()) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// Command returns the program as a process. The test needs Main in its package.
func Command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, os.Args[0], args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

// Check requires that the program prints its version, and nothing else, and exits with 0.
func Check(t *testing.T, program string) {
	t.Helper()
	var out, errs bytes.Buffer
	c := Command(t.Context(), "--version")
	c.Stdout, c.Stderr = &out, &errs
	require.NoError(t, c.Run(), errs.String())
	require.Equal(t, version.Line(program)+"\n", out.String())
	require.Empty(t, errs.String())
}
