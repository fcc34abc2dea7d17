// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package posthog

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
)

// stored is the response to a request of which nothing was refused.
const stored = `{"status":1}`

// answer returns the response of PostHog's servers to events. A beacon gets no content, because nobody reads it. Refusals are the usual response.
func answer(beacon bool) func(*transport.Result) *transport.Reply {
	return func(o *transport.Result) *transport.Reply {
		switch {
		case !o.Success:
			return nil
		case beacon:
			return &transport.Reply{Status: http.StatusNoContent}
		case o.RejectedCount == 0:
			return sdk.JSON(http.StatusOK, stored)
		}
		body, err := json.Marshal(struct {
			Status int `json:"status"`
			*transport.Result
		}{1, o})
		if err != nil {
			return nil
		}
		return sdk.JSON(http.StatusOK, string(body))
	}
}

// Responses to the requests by which SDKs ask for what a source does not have: feature flags, surveys, session recordings, and automatic capture.
// Without them, SDKs would report errors, ask again, or send what is dropped.
const (
	noFlags = `{"flags":{},"featureFlags":{},"featureFlagPayloads":{},"errorsWhileComputingFlags":false,"config":{"enable_collect_everything":false},` +
		settingsOff + `}`
	noConfig    = `{"hasFeatureFlags":false,` + settingsOff + `}`
	noSurveys   = `{"surveys":[]}`
	settingsOff = `"supportedCompression":["gzip","gzip-js"],"autocapture_opt_out":true,"capturePerformance":false,"heatmaps":false,"surveys":false,` +
		`"sessionRecording":false,"captureDeadClicks":false,"defaultIdentifiedOnly":true,"toolbarParams":{},"isAuthenticated":false,"siteApps":[]`
)

// settings returns the response to a question of an SDK, which needs no key: it is the same for everybody.
func settings(path, method string) *transport.Reply {
	body := ""
	switch {
	case path == "/flags", path == "/decide":
		body = noFlags
	case path == "/api/surveys":
		body = noSurveys
	case strings.HasPrefix(path, "/array/") && strings.HasSuffix(path, "/config"):
		body = noConfig
	default:
		return nil
	}
	if method == http.MethodOptions {
		return &transport.Reply{Status: http.StatusNoContent}
	}
	return sdk.JSON(http.StatusOK, body)
}

var notFound = sdk.JSON(http.StatusNotFound,
	`{"success":false,"error":"unknown endpoint; use /capture/, /batch/, /e/, /i/v0/e/, /track/ or /engage/"}`)
