// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package apache

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	//go:embed pom.xml
	pom []byte
	// sums are the checksums of all jars, as sha256sum writes them.
	//go:embed jars.sum
	sums string
)

// oldest is the version of Java that Kafka's brokers need.
const oldest = 17

// download limits Maven, which gets 100 MB.
const download = 10 * time.Minute

// Missing returns why there is no Apache Kafka here; nil if there is. The first time, it downloads the jars.
func Missing(t testing.TB) error {
	t.Helper()
	_, err := jars(t)
	return err
}

// jars returns the folder with the jars of pom.xml, or why they are not here. They are downloaded once, by Maven and its own settings.
func jars(t testing.TB) (string, error) {
	t.Helper()
	v, err := javaVersion(t.Context())
	if err != nil {
		return "", fmt.Errorf("there is no Java: %w", err)
	}
	if v < oldest {
		return "", fmt.Errorf("it needs Java %d or newer, and this is Java %d", oldest, v)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder for its jars: %w", err)
	}
	sum := sha256.Sum256(append(bytes.Clone(pom), sums...))
	dir := filepath.Join(cache, "journeyman", "kafka-"+hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if _, err := exec.LookPath("mvn"); err != nil {
		return "", fmt.Errorf("mvn, which downloads its jars, is not here: %w", err)
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(dir), 0o700))
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "kafka-new-")
	require.NoError(t, err)
	defer func() { _ = os.RemoveAll(fresh) }()
	if err := resolve(t.Context(), fresh); err != nil {
		return "", fmt.Errorf("mvn cannot download its jars (is a package registry within reach?): %w", err)
	}
	listed, err := list(filepath.Join(fresh, "jars"))
	require.NoError(t, err)
	require.Equal(t, sums, listed, "the jars are not those of jars.sum")
	if err := os.Rename(filepath.Join(fresh, "jars"), dir); err != nil {
		require.DirExists(t, dir, "another process can only have downloaded the same: %v", err)
	}
	return dir, nil
}

// resolve downloads the jars into the folder jars of dir. What Maven needs for that is in dir, too, and goes with it.
func resolve(ctx context.Context, dir string) error {
	file := filepath.Join(dir, "pom.xml")
	if err := os.WriteFile(file, pom, 0o600); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, download)
	defer cancel()
	//nolint:gosec // folders of the test
	out, err := exec.CommandContext(ctx, "mvn", "-B", "-q", "-f", file, "-Dmaven.repo.local="+filepath.Join(dir, "repository"),
		"dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+filepath.Join(dir, "jars")).CombinedOutput()
	if err != nil {
		first, _, _ := bytes.Cut(out, []byte{'\n'})
		return fmt.Errorf("%w: %s", err, first)
	}
	return nil
}

// list returns the checksums of the files of a folder in the form of jars.sum.
func list(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.jar"))
	if err != nil {
		return "", err
	}
	slices.Sort(files)
	var out strings.Builder
	for _, name := range files {
		sum := sha256.New()
		f, err := os.Open(name)
		if err == nil {
			_, err = io.Copy(sum, f)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%x  %s\n", sum.Sum(nil), filepath.Base(name))
	}
	return out.String(), nil
}

var version = regexp.MustCompile(`version "(\d+)`)

func javaVersion(ctx context.Context) (int, error) {
	out, err := exec.CommandContext(ctx, "java", "-version").CombinedOutput()
	if err != nil {
		return 0, err
	}
	m := version.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("java -version has no number")
	}
	return strconv.Atoi(string(m[1]))
}
