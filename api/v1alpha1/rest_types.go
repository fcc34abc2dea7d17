// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// APICredentials says how requests to an API carry the secret. Set at most one. Default: the header "Authorization: Bearer SECRET".
//
// +kubebuilder:validation:XValidation:rule="[has(self.header), has(self.parameter), has(self.basic), has(self.oauth2)].filter(x, x).size() <= 1",message="set at most one of header, parameter, basic and oauth2"
type APICredentials struct {
	// header that carries the secret.
	// +optional
	Header *APIKeyHeader `json:"header,omitempty"`

	// parameter of the query that has the secret, for APIs that support nothing else.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Parameter string `json:"parameter,omitempty"`

	// basic authentication, with the secret as the password.
	// +optional
	Basic *APIBasic `json:"basic,omitempty"`

	// oauth2 gets tokens by the grant client_credentials, with the secret as the client secret.
	// +optional
	OAuth2 *APIOAuth2 `json:"oauth2,omitempty"`
}

// APIKeyHeader is a header that carries a key.
type APIKeyHeader struct {
	// name of the header, for example X-API-TOKEN.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Name string `json:"name,omitempty"`

	// prefix in front of the key, for example "Token ". Default: none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Prefix string `json:"prefix,omitempty"`
}

// APIBasic is Basic authentication.
type APIBasic struct {
	// username of the account. Default: empty, for APIs that read only the password.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Username string `json:"username,omitempty"`
}

// APIOAuth2 is the grant client_credentials of OAuth 2.
type APIOAuth2 struct {
	// tokenURL is where tokens are requested.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:Pattern=`^https?://[^\s?#@]+$`
	TokenURL string `json:"tokenURL,omitempty"`

	// clientID of the application.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	ClientID string `json:"clientID,omitempty"`

	// scopes that are requested.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	Scopes []string `json:"scopes,omitempty"`

	// parameters of the token request that the API needs in addition, such as audience.
	// +optional
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=8
	// +kubebuilder:validation:XValidation:rule="self.all(p, size(p) <= 128 && size(self[p]) <= 256)",message="parameters have names of at most 128 and values of at most 256 characters"
	Parameters map[string]string `json:"parameters,omitempty"`

	// scheme is the word in front of the token in the header Authorization. Default: Bearer. Example: Zoho-oauthtoken
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Scheme string `json:"scheme,omitempty"`
}

// FollowUp reads the records of notifications that have only ids, before the rules see them. A document gets what was read as its field "record". A
// request whose records cannot be read is answered with 503, so that the sender sends it again; nothing of it is stored before. A document whose own
// record can never be read, because the API refuses the request or the record is too large, is rejected alone.
type FollowUp struct {
	// baseURL of the API, for example https://api.example.com/v3. The secret is sent only there; with oauth2, it is sent only to tokenURL, and the token
	// only here. Default: that of the preset. For a preset that has none, it is required.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:Pattern=`^https?://[^\s?#@]+$`
	BaseURL string `json:"baseURL,omitempty"`

	// secretKey is the key, in the Secret of secretRef, that has the secret of the API. Default: journeyman-api-key.
	// +optional
	// +kubebuilder:validation:MinLength=12
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:Pattern=`^journeyman-[-._a-zA-Z0-9]+$`
	SecretKey string `json:"secretKey,omitempty"`

	// credentials says how requests carry the secret. Default: that of the preset, or the header "Authorization: Bearer SECRET".
	// +optional
	Credentials *APICredentials `json:"credentials,omitempty"`

	// reads lists what is read. For a document, the first read whose "when" is true applies; a document without one is left as it is. Default: those of
	// the preset.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Reads []FollowUpRead `json:"reads,omitempty"`

	// requestsPerSecond to the API, for each pod. Default: 10.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	RequestsPerSecond *int32 `json:"requestsPerSecond,omitempty"`
}

// FollowUpRead is one kind of request to the API.
type FollowUpRead struct {
	// when is a CEL expression of type bool on the document. Default: always. Example: body.type == "order.created"
	// +optional
	When CELExpression `json:"when,omitempty"`

	// path is a CEL expression for the list of the parts of the path, below baseURL. Each is escaped. Example: ["orders", string(body.data.id)]
	// +required
	Path CELExpression `json:"path,omitempty"`

	// query has a CEL expression for each parameter, text. A missing value leaves the parameter out.
	// +optional
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=16
	// +kubebuilder:validation:XValidation:rule="self.all(p, size(p) <= 128)",message="parameters have names of at most 128 characters"
	Query map[string]CELExpression `json:"query,omitempty"`
}

// DefaultAPIKey is the default of followUp.secretKey.
const DefaultAPIKey = "journeyman-api-key"
