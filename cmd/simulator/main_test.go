// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/internal/version/versiontest"
)

func TestMain(m *testing.M) { versiontest.Main(m, main) }

func TestVersion(t *testing.T) { versiontest.Check(t, "simulator") }

func TestAddressesOutsideTheClusterAreRefused(t *testing.T) {
	for _, ok := range []string{
		"http://127.0.0.1:8080", "http://localhost", "http://[::1]:80", "http://10.1.2.3", "http://web-ingest.shop.svc",
		"http://web-ingest.shop.svc.cluster.local:80/shop/web", "http://web-ingest",
	} {
		require.NoError(t, near(ok), ok)
	}
	for _, bad := range []string{"http://example.com", "https://8.8.8.8", "web", "", "ftp://localhost", "http://shop.svc.example.com"} {
		require.Error(t, near(bad), bad)
	}
}

func TestEndpointsAndSecrets(t *testing.T) {
	dir := t.TempDir()
	for _, s := range world.Sources {
		require.NoError(t, os.WriteFile(filepath.Join(dir, string(s)), []byte("new-"+string(s)+"\nold\n"), 0o600))
	}
	f := sendFlags{namespace: "shop", secrets: dir, endpoints: texts{"web=http://127.0.0.1:1"}}
	got, err := f.read(world.Sources)
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:1", got[world.Web].URL)
	require.Equal(t, "http://crm-email-ingest.shop.svc", got[world.CRM].URL)
	require.Equal(t, "new-tills", got[world.Tills].Secret)

	t.Setenv("SECRET_CRM_EMAIL", "token")
	encrypted := sendFlags{namespace: "shop", secrets: dir, ca: filepath.Join(dir, "crm-email")}
	got, err = encrypted.read([]world.Source{world.CRM})
	require.NoError(t, err)
	require.Equal(t, "https://crm-email-ingest.shop.svc", got[world.CRM].URL)
	_, err = encrypted.client(1, time.Minute)
	require.ErrorContains(t, err, "has no certificate")

	got, err = (&sendFlags{pattern: "http://gateway/shop/{source}"}).read([]world.Source{world.CRM})
	require.NoError(t, err)
	require.Equal(t, "token", got[world.CRM].Secret)
	require.Equal(t, "http://gateway/shop/crm-email", got[world.CRM].URL)
	_, err = (&sendFlags{pattern: "http://gateway"}).read([]world.Source{world.Web})
	require.ErrorIs(t, err, errUsage)
	require.ErrorContains(t, err, "SECRET_WEB")
}

func TestTruthAndEventsOfASavedWorld(t *testing.T) {
	file := filepath.Join(t.TempDir(), "world.json")
	p := world.Defaults(world.Params{}.Now.AddDate(2025, 0, 0))
	p.Persons = 200
	require.NoError(t, saveParams(file, p))
	var out bytes.Buffer
	require.NoError(t, execute(context.Background(), []string{"truth", "--world", file}, &out))
	var truth struct {
		Map struct {
			Stages []struct{ Entered int64 }
		}
		Sent []map[string]struct{ Events int64 }
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &truth))
	require.Positive(t, truth.Map.Stages[0].Entered)
	out.Reset()
	require.NoError(t, execute(context.Background(), []string{"events", "--world", file}, &out))
	var sum int64
	for _, c := range truth.Sent[0] {
		sum += c.Events
	}
	require.EqualValues(t, sum, bytes.Count(out.Bytes(), []byte("\n")))
}

func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{
		{"fly"}, {"compare"}, {"events", "-o", "xml"}, {"truth", "--now", "today"}, {"run", "--endpoint", "web"}, {"truth", "--as-of", "x"},
	} {
		require.ErrorIs(t, execute(context.Background(), args, &bytes.Buffer{}), errUsage, "%v", args)
	}
	require.NoError(t, execute(context.Background(), nil, &bytes.Buffer{}))
	require.NoError(t, execute(context.Background(), []string{"run", "--help"}, &bytes.Buffer{}))
}

func TestFilesOfAnOmnichannelWorld(t *testing.T) {
	dir := t.TempDir()
	args := []string{"files", "--persons", "50", "--now", "2026-11-20T12:00:00Z", "--dir", dir}
	require.ErrorIs(t, execute(t.Context(), args, io.Discard), errUsage)
	var out bytes.Buffer
	require.NoError(t, execute(t.Context(), append(args, "--omnichannel"), &out))
	path := filepath.Join(dir, "till-history.csv")
	require.Equal(t, path+"\n", out.String())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.Split(string(text), "\n")
	require.Equal(t, "Receipt;Sold;Shop;Till;Total;Currency;Card;E-mail;Items", lines[1])
	require.Greater(t, len(lines), 10)

	t.Setenv("SECRET_WEB", "x")
	for _, s := range []string{"APP", "ORDERS", "CRM_EMAIL", "SUPPORT", "SURVEYS"} {
		t.Setenv("SECRET_"+s, "x")
	}
	err = execute(t.Context(), []string{"run", "--omnichannel", "--namespace", "shop"}, io.Discard)
	require.ErrorContains(t, err, "--nats")
	err = execute(t.Context(), []string{"run", "--omnichannel", "--namespace", "shop", "--nats", "nats.example.com:4222"}, io.Discard)
	require.ErrorContains(t, err, "not inside the cluster")
}
