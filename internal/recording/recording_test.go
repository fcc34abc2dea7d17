// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func read(t *testing.T, text string) []Request {
	t.Helper()
	list, err := Read([]byte(text), nil)
	require.NoError(t, err)
	return list
}

// What Go's client sends is read as it was sent: with a length, in chunks, with the newline of an editor, and several in one file.
func TestRequestsAsTheyWereSent(t *testing.T) {
	sent := func(body io.Reader) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://shop.example/v1/track?a=b", body)
		require.NoError(t, err)
		r.Header.Set("X-Topic", "orders/paid")
		var wire bytes.Buffer
		require.NoError(t, r.Write(&wire))
		return wire.String()
	}
	whole, chunks := sent(strings.NewReader("{\"a\": 1}\n")), sent(io.MultiReader(strings.NewReader(`{"a": `), strings.NewReader("1}\n")))
	require.Contains(t, chunks, "chunked")
	for name, text := range map[string]string{"whole": whole, "chunks": chunks, "newlines of an editor": whole + "\n\n"} {
		r := read(t, text)
		require.Len(t, r, 1, name)
		require.Equal(t, "{\"a\": 1}\n", string(r[0].Body), "%s: a signature covers each byte", name)
		out := r[0].HTTP()
		require.Equal(t, []string{"POST", "/v1/track", "a=b", "shop.example", "orders/paid"},
			[]string{out.Method, out.URL.Path, out.URL.RawQuery, out.Host, out.Header.Get("X-Topic")}, name)
		require.EqualValues(t, len(r[0].Body), out.ContentLength)
	}
	several := read(t, "### first\n"+whole+"\n### second\r\nPOST https://shop.example/other\nContent-Length: 900\n\nedited\n\n")
	require.Len(t, several, 2)
	require.Equal(t, "edited", string(several[1].Body), "a length that is no longer right is not used")
	require.Equal(t, "/other", several[1].URL.Path)
	for _, wrong := range []string{"", "###\n", "hello", "POST\n\n", "POST / FTP/1\n\n", "POST / HTTP/1.1\nno header\n\n"} {
		_, err := Read([]byte(wrong), nil)
		require.Error(t, err, "%q", wrong)
	}
}

const har = `{"log": {"version": "1.2", "entries": [
 {"startedDateTime": "2026-05-01T12:00:00.5+02:00", "request": {"method": "POST", "url": "https://shop.example/v1/t?x=1", "httpVersion": "h2",
  "headers": [{"name": ":path", "value": "/v1/t"}, {"name": "content-type", "value": "text/plain"}, {"name": "Content-Encoding", "value": "gzip"}],
  "postData": {"mimeType": "text/plain", "text": "{\"type\": \"track\"}"}}, "response": {"status": 200}},
 {"startedDateTime": "2026-05-01T12:00:01Z", "request": {"method": "POST", "url": "/form", "headers": [],
  "postData": {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a", "value": "b c"}]}}},
 {"startedDateTime": "2026-05-01T12:00:02Z", "request": {"method": "GET", "url": "https://shop.example/i?e=pv", "headers": []}},
 {"startedDateTime": "2026-05-01T12:00:03Z", "request": {"method": "POST", "url": "/", "headers": [], "postData": {"mimeType": "a/b", "text": "eyJhIjoxfQ==", "encoding": "base64"}}}
]}}`

func TestHAR(t *testing.T) {
	list := read(t, har)
	require.Len(t, list, 4)
	require.Equal(t, time.Date(2026, 5, 1, 10, 0, 0, 5e8, time.UTC), list[0].ReceivedAt.UTC())
	require.Equal(t, http.Header{"Content-Type": {"text/plain"}}, list[0].Header, "browsers show the body before it is compressed")
	require.Equal(t, `{"type": "track"}`, string(list[0].Body))
	require.Equal(t, "a=b+c", string(list[1].Body))
	require.Equal(t, "application/x-www-form-urlencoded", list[1].Header.Get("Content-Type"))
	require.Equal(t, "e=pv", list[2].URL.RawQuery)
	require.Empty(t, list[2].Body)
	require.Equal(t, `{"a":1}`, string(list[3].Body))
}

func TestJSON(t *testing.T) {
	list := read(t, `{"method": "put", "path": "/a", "query": {"k": "v w"}, "headers": {"X-A": ["1", "2"]}, "body": "raw \n", "receivedAt": "2026-05-01T12:00:00Z"}
		{"url": "https://shop.example/b?c=d", "body": {"id": 12345678901234567890}}
		[{"headers": {"x-b": 7}, "body": null}, {"path": "/c", "body": [1]}]
		{"id": 7, "body": "of a message"}
		[{"id": 1}]`)
	require.Len(t, list, 6)
	require.Equal(t, []string{"PUT", "/a", "k=v+w", "raw \n"}, []string{list[0].Method, list[0].URL.Path, list[0].URL.RawQuery, string(list[0].Body)})
	require.Equal(t, []string{"1", "2"}, list[0].Header.Values("X-A"))
	require.False(t, list[0].ReceivedAt.IsZero())
	require.Equal(t, `{"id":12345678901234567890}`, string(list[1].Body), "no digit is lost")
	require.Equal(t, "application/json", list[1].Header.Get("Content-Type"))
	require.Equal(t, "7", list[2].Header.Get("X-B"))
	require.Empty(t, list[2].Body)
	require.Equal(t, "[1]", string(list[3].Body))
	require.True(t, list[4].Bare, "a document with other fields is no request")
	require.Equal(t, `[{"id": 1}]`, string(list[5].Body))
	with, err := Read([]byte(`{"type": "track"}`), func(d map[string]any) (string, string, bool) { return "/v1/track", "text/plain", d["type"] == "track" })
	require.NoError(t, err)
	require.Equal(t, []string{"/v1/track", "text/plain"}, []string{with[0].URL.Path, with[0].Header.Get("Content-Type")})
	for _, wrong := range []string{`{"a"`, `{"url": "%zz", "body": 1}`, `{"path": "/", "body": 1, "receivedAt": "today"}`, `{"log": {"entries": []}}`, `{"log": {"entries": [1]}}`} {
		_, err := Read([]byte(wrong), nil)
		require.Error(t, err, wrong)
	}
}

// FuzzRead: any bytes are refused, or are requests that a handler can read.
func FuzzRead(f *testing.F) {
	f.Add([]byte(har))
	f.Add([]byte("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
	f.Add([]byte(`{"path": "/", "headers": {"a": "b"}, "body": {}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := Read(raw, nil)
		require.Equal(t, err == nil, len(list) > 0)
		for i := range list {
			r := list[i].HTTP()
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			require.EqualValues(t, len(body), r.ContentLength)
			require.NotNil(t, r.URL)
			_ = r.URL.Query()
		}
	})
}
