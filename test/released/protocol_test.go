// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package released

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/server/servertest"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// drain reads a scan to its end.
func drain(t *testing.T, scan store.Scan) {
	t.Helper()
	for {
		_, err := scan.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
	}
	require.NoError(t, scan.Close())
}

// machine are fields of responses that depend on the machine, on the program, and on the layout of files.
var machine = []string{"usedBytes", "pinnedBytes", "freeBytes", "version", "unflushedBytes", "files", "filesRewritten", "filesChecked", "bytes", "error"}

// withoutMachineFields returns JSON without these fields.
func withoutMachineFields(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if !slices.Contains(machine, k) {
				out[k] = withoutMachineFields(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = withoutMachineFields(v[i])
		}
		return out
	}
	return value
}

// A current store answers the requests of a release, in order and from an empty store, with the same responses. Ingestion pods and jobs keep their
// program when the operator and the store are upgraded.
func TestServerSupportsClientsOfReleases(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		data := t.TempDir()
		seed(t, data)
		v := serve(t, open(t, data), nil)
		pool := x509.NewCertPool()
		require.True(t, pool.AppendCertsFromPEM(v.CA))
		web := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: servertest.Host, MinVersion: tls.VersionTLS13}}}
		t.Cleanup(web.CloseIdleConnections)
		for _, x := range loadExchanges(t, dir) {
			t.Run(x.Name, func(t *testing.T) { v.answers(t, web, dir, x) })
		}
	})
}

// keyOf returns the address and the key for the request of an exchange.
func (v *service) keyOf(x *exchange) (base, key string) {
	path, _, _ := strings.Cut(x.URL, "?")
	switch {
	case x.Admin:
		return v.adminURL, v.AdminKey
	case slices.Contains([]string{wire.PathAppend, wire.PathCursors, wire.PathReport}, path):
		return v.url, v.AppendKey
	}
	return v.url, v.ScanKey
}

func (v *service) answers(t *testing.T, web *http.Client, dir string, x *exchange) {
	base, key := v.keyOf(x)
	request, err := http.NewRequestWithContext(t.Context(), x.Method, base+x.URL, bytes.NewReader(x.Request.bytes(t, dir)))
	require.NoError(t, err)
	request.Header.Set(wire.HeaderProtocol, x.Protocol)
	request.Header.Set("Authorization", "Bearer "+key)
	answer, err := web.Do(request)
	require.NoError(t, err)
	content, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, x.Status, answer.StatusCode, "%s", content)
	if x.Answer.File != "" {
		within(t, []byte(x.Header[wire.HeaderSnapshot]), []byte(answer.Header.Get(wire.HeaderSnapshot)))
		within(t, withoutMachineFields(plain(t, []byte(x.Trailer[wire.TrailerStats]))), withoutMachineFields(plain(t, []byte(answer.Trailer.Get(wire.TrailerStats)))))
		sameLines(t, "rows", stream(t, x.Answer.bytes(t, dir)), stream(t, content))
		return
	}
	within(t, withoutMachineFields(plain(t, x.Answer.bytes(t, dir))), withoutMachineFields(plain(t, content)))
}

// stream formats an Arrow stream: its schema, and a line for each row, independent of record batches. Persons are numbered.
func stream(t *testing.T, content []byte) []byte {
	t.Helper()
	r, err := ipc.NewReader(bytes.NewReader(content))
	require.NoError(t, err)
	defer r.Release()
	out := bytes.NewBufferString(r.Schema().String() + "\n")
	for r.Next() {
		writeRows(out, r.RecordBatch())
	}
	require.NoError(t, r.Err())
	return out.Bytes()
}

func writeRows(out *bytes.Buffer, record arrow.RecordBatch) {
	for row := range int(record.NumRows()) {
		for i, column := range record.Columns() {
			at := row
			if runs, ok := column.(*array.RunEndEncoded); ok {
				column, at = runs.Values(), runs.GetPhysicalIndex(row)
			}
			out.WriteString(record.ColumnName(i) + "=" + column.ValueStr(at) + " ")
		}
		out.WriteByte('\n')
	}
}

// The current client understands the responses of a release. A store keeps its program when the operator and jobs are upgraded.
func TestClientSupportsServersOfReleases(t *testing.T) {
	eachRelease(t, func(t *testing.T, dir string) {
		for _, x := range loadExchanges(t, dir) {
			t.Run(x.Name, func(t *testing.T) {
				old := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { x.replay(t, w, r, dir) }))
				defer old.Close()
				authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: old.Certificate().Raw})
				c, err := client.New(client.Options{URL: old.URL, Key: []byte("key"), CA: authority, ServerName: "example.com"})
				require.NoError(t, err)
				x.call(t, c, dir)
				require.NoError(t, c.Close())
			})
		}
	})
}

// replay sends the response of the release, and requires the same request.
func (x *exchange) replay(t *testing.T, w http.ResponseWriter, r *http.Request, dir string) {
	asked, err := io.ReadAll(r.Body)
	if err != nil || r.URL.String() != x.URL || r.Method != x.Method {
		t.Errorf("asked for %s %s instead of %s %s (%v)", r.Method, r.URL, x.Method, x.URL, err)
	}
	if x.Request.File == "" && len(asked) > 0 {
		within(t, x.Request.bytes(t, dir), asked)
	}
	for k, v := range x.Header {
		w.Header().Set(k, v)
	}
	for _, name := range slices.Sorted(maps.Keys(x.Trailer)) {
		w.Header().Set(http.TrailerPrefix+name, x.Trailer[name])
	}
	w.WriteHeader(x.Status)
	_, _ = w.Write(x.Answer.bytes(t, dir)) // the client can have closed the connection
}

// call sends the request of the exchange with the current client, and requires the response of the release.
func (x *exchange) call(t *testing.T, c *client.Client, dir string) {
	ctx, in := t.Context(), x.Request.bytes(t, dir)
	u, err := url.Parse(x.URL)
	require.NoError(t, err)
	var got any
	switch u.Path {
	case wire.PathAppend:
		batch, decodeErr := wire.DecodeBatch(in)
		require.NoError(t, decodeErr)
		got, err = c.Append(ctx, batch)
	case wire.PathCursors:
		var cursors store.Cursors
		cursors, err = c.Cursors(ctx, u.Query().Get("source"))
		got = wire.CursorsAnswer{Cursors: cursors}
	case wire.PathReport:
		got, err = struct{}{}, c.Report(ctx, decoded[store.Report](t, in))
	case wire.PathScan:
		x.scan(t, c, decoded[store.ScanRequest](t, in), dir)
		return
	case wire.PathState:
		got, err = c.State(ctx)
	case wire.PathResults:
		if x.Method == http.MethodPost {
			got, err = struct{}{}, c.PutResult(ctx, decoded[store.Result](t, in))
		} else {
			got, err = c.Results(ctx, u.Query().Get("owner"), 1)
		}
	case wire.PathPins:
		if x.Method == http.MethodPost {
			request := decoded[wire.PinRequest](t, in)
			got, err = c.Pin(ctx, store.PinRequest{ID: request.ID, TTL: time.Duration(request.TTL) * time.Microsecond})
		} else {
			got, err = struct{}{}, c.Unpin(ctx, u.Query().Get("id"))
		}
	case wire.PathErase:
		request := decoded[wire.EraseRequest](t, in)
		if request.IdentityOnly {
			got, err = c.EraseIdentity(ctx, request.Identity)
		} else {
			got, err = c.Erase(ctx, request.Identity)
		}
	case wire.PathSplit:
		got, err = c.Split(ctx, decoded[store.SplitRequest](t, in))
	case wire.PathRetain:
		got, err = c.Retain(ctx, time.UnixMicro(decoded[wire.RetainRequest](t, in).Before))
	case wire.PathErasures + "/plan":
		got, err = c.PlanErasure(ctx, decoded[store.ErasureRequest](t, in))
	case wire.PathErasures:
		if x.Method == http.MethodPost {
			got, err = c.EraseAsPlanned(ctx, decoded[store.ErasureRequest](t, in))
		} else {
			got, err = c.Receipts(ctx)
		}
	default:
		t.Fatalf("the test has no call for %s", x.URL)
	}
	if x.Status >= http.StatusBadRequest {
		require.EqualError(t, err, wire.ErrorOf(x.Status, x.Answer.JSON).Error())
		require.ErrorIs(t, err, store.ErrInvalid)
		return
	}
	require.NoError(t, err)
	within(t, x.Answer.bytes(t, dir), got)
}

// scan reads a stream of the release with the current client.
func (x *exchange) scan(t *testing.T, scans store.Scanner, r store.ScanRequest, dir string) {
	scan, err := scans.Scan(t.Context(), r)
	require.NoError(t, err)
	within(t, []byte(x.Header[wire.HeaderSnapshot]), scan.Snapshot())
	var out bytes.Buffer
	for {
		record, err := scan.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if out.Len() == 0 {
			out.WriteString(record.Schema().String() + "\n")
		}
		writeRows(&out, record)
	}
	sameLines(t, "rows", stream(t, x.Answer.bytes(t, dir)), out.Bytes())
	within(t, []byte(x.Trailer[wire.TrailerStats]), scan.Stats())
	require.NoError(t, scan.Close())
}

// decoded decodes JSON into a current type, which must have all of its fields.
func decoded[T any](t *testing.T, b []byte) T {
	t.Helper()
	var v T
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&v))
	return v
}
