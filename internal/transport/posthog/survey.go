// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package posthog

import (
	"encoding/json"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// answerTo is the name of the property with the answer to the first question of a survey, and the beginning of those of current SDKs, which end with the
// id of the question.
const answerTo = "$survey_response"

// answered adds the answer, and the kind and score of the survey, to the properties. raw are the properties as they were sent. The score is the first
// answer that is a number. PostHog sends neither the kind nor the scale of a question, so a survey is an NPS if its name contains that word. Senders can
// add kind and scale as properties.
func answered(raw []byte, properties json.RawMessage) json.RawMessage {
	var response, score []byte
	for k, v := range value.Fields(raw) {
		if !strings.HasPrefix(string(k), answerTo) || value.RawScalar(v) == nil {
			continue
		}
		if response == nil {
			response = v
		}
		if _, err := value.Micros(value.RawScalar(v)); err == nil && score == nil {
			score = v
		}
	}
	var add []value.Field
	for _, f := range []value.Field{{Name: "response", Raw: response}, {Name: "score", Raw: score}} {
		if f.Raw != nil {
			add = append(add, f)
		}
	}
	name := strings.ToLower(value.RawText(value.Lookup(properties, "survey_name")))
	if strings.Contains(name, "nps") || strings.Contains(name, "net promoter") {
		add = append(add, value.Field{Name: "kind", Raw: []byte(`"nps"`)})
	}
	if len(properties) == 0 {
		properties = json.RawMessage("{}")
	}
	return value.Rewrite(properties, func([]byte) bool { return false }, add)
}
