// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package transport

import "net/http"

// maxAsked is the length of a list of headers that a browser may ask for.
const maxAsked = 1024

// CORS returns the headers that let pages of any origin send: the key authenticates, not the origin. The headers that a browser asks for are allowed,
// because SDKs differ in them.
func CORS(request http.Header, methods string) http.Header {
	asked := request.Get("Access-Control-Request-Headers")
	if asked == "" || len(asked) > maxAsked {
		asked = "Authorization, Content-Type, Content-Encoding"
	}
	return http.Header{
		"Access-Control-Allow-Origin":  {"*"},
		"Access-Control-Allow-Methods": {methods},
		"Access-Control-Allow-Headers": {asked},
		"Access-Control-Max-Age":       {"86400"},
	}
}

// CORSWithCookies is CORS for SDKs that send cookies with each request: browsers then accept no response without the name of the origin. The responses
// contain nothing of a person, so it is safe that each page can read them.
func CORSWithCookies(request http.Header, methods string) http.Header {
	h := CORS(request, methods)
	h.Set("Vary", "Origin")
	if origin := request.Get("Origin"); origin != "" {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	return h
}

// pixel is a transparent GIF of one pixel.
var pixel = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00" +
	",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")

// Pixel is the response to an image in a page or a mail. It is not cached, because each view is to be counted.
func Pixel() *Reply {
	return &Reply{Status: http.StatusOK, Header: http.Header{"Content-Type": {"image/gif"}, "Cache-Control": {"no-store"}}, Body: pixel}
}

// NotFound is the response to another path than those that the message names.
func NotFound(message string) *Reply {
	return &Reply{
		Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"application/json"}},
		Body: []byte(`{"success":false,"error":"` + message + `"}`),
	}
}
