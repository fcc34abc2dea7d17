// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkout returns a repository that contains only the script that makes a release.
func checkout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"hack/lib.sh", "hack/release/release.sh"} {
		data, err := os.ReadFile(filepath.Join("../../..", file))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), data, 0o755))
	}
	git(t, dir, "init", "-q")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "all")
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

func refusal(t *testing.T, dir, version string, env ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "hack/release/release.sh", version, filepath.Join(t.TempDir(), "dist"))
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	require.Error(t, err, string(out))
	return string(out)
}

func TestReleaseRefusesAnInvalidVersion(t *testing.T) {
	dir := checkout(t)
	for _, version := range []string{"", "1.2", "1.2.3.4", "v", "01.2.3", "1.2.3-", "1.2.3+build", "latest", "1.2.3 --x"} {
		require.Contains(t, refusal(t, dir, version), "is not a semantic version: set VERSION=1.2.3", version)
	}
}

func TestReleaseRefusesUncommittedFiles(t *testing.T) {
	dir := checkout(t)
	write(t, "new", dir, "some file")
	require.Contains(t, refusal(t, dir, "1.2.3"), `these files are not committed; commit or remove them:
?? "some file"`)
}

func TestReleaseRefusesATagOfAnotherCommit(t *testing.T) {
	dir := checkout(t)
	git(t, dir, "tag", "v1.2.3")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", "more")
	require.Contains(t, refusal(t, dir, "v1.2.3"), "the tag v1.2.3 is on another commit")
}

func TestReleaseRefusesAMissingKey(t *testing.T) {
	dir := checkout(t)
	require.Contains(t, refusal(t, dir, "1.2.3", "SIGNING_KEY=/nowhere/key"), "SIGNING_KEY=/nowhere/key cannot be read")
}
