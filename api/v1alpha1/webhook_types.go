// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// WebhookTransport receives documents by POST. With a preset, the fields that are not set are those of the preset.
//
// +kubebuilder:validation:XValidation:rule="[has(self.hmac), has(self.bearer), has(self.token), has(self.unauthenticated)].filter(x, x).size() <= 1",message="set at most one of hmac, bearer, token and unauthenticated: it says how the sender is authenticated"
// +kubebuilder:validation:XValidation:rule="has(self.secretRef) != has(self.unauthenticated)",message="set secretRef, unless the webhook is unauthenticated"
// +kubebuilder:validation:XValidation:rule="!has(self.hmac) || !has(self.hmac.signedContent) || !self.hmac.signedContent.exists(p, has(p.url)) || has(self.publicURL)",message="publicURL is needed because the signature covers the URL"
type WebhookTransport struct {
	// secretRef refers to the key of the signature, or to the token. While the Secret is missing, the pods reject all requests, and a condition reports it.
	// +optional
	SecretRef *SecretKeyReference `json:"secretRef,omitempty"`

	// hmac describes how the sender signs its requests.
	// +optional
	HMAC *HMACRecipe `json:"hmac,omitempty"`

	// bearer requires the header "Authorization: Bearer SECRET".
	// +optional
	Bearer *BearerAuth `json:"bearer,omitempty"`

	// token requires the secret in another place: a header, the query, the path or the body.
	// +optional
	Token *TokenAuth `json:"token,omitempty"`

	// unauthenticated lets anybody send. Use it only behind a gateway that authenticates senders.
	// +optional
	Unauthenticated *Unauthenticated `json:"unauthenticated,omitempty"`

	// sender restricts the accounts of a shared system that can send, by a field of the document. Other requests get 403.
	// +optional
	Sender *SenderAccount `json:"sender,omitempty"`

	// publicURL is the URL under which the sender knows the endpoint. Only needed for signatures that cover it.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:Pattern=`^https?://[^\s]+$`
	PublicURL string `json:"publicURL,omitempty"`

	// body says how bodies become documents. Default: JSON; the elements of a list are documents.
	// +optional
	Body *WebhookBody `json:"body,omitempty"`

	// handshake has the requests by which a sender tests the endpoint. They get a response, and no event.
	// +optional
	Handshake *WebhookHandshake `json:"handshake,omitempty"`

	// answer is the response that the sender expects. Default: 200 with a summary as JSON.
	// +optional
	Answer *WebhookAnswer `json:"answer,omitempty"`

	// followUp reads the records of notifications that have only ids through the API of the sender. Default: nothing is read. With a preset that knows
	// the host and the credentials of the API, "followUp: {}" is enough.
	// +optional
	FollowUp *FollowUp `json:"followUp,omitempty"`
}

// BearerAuth has no settings: senders must use the header "Authorization: Bearer SECRET".
type BearerAuth struct{}

// TokenAuth says where the sender puts the secret. Set exactly one.
//
// +kubebuilder:validation:XValidation:rule="[has(self.header), has(self.parameter), has(self.path), has(self.field)].filter(x, x).size() == 1",message="set exactly one of header, parameter, path and field"
type TokenAuth struct {
	// header that carries the secret.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Header string `json:"header,omitempty"`

	// parameter of the query that has the secret, for example token in https://hooks.example.com/?token=SECRET.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Parameter string `json:"parameter,omitempty"`

	// path means that the last part of the URL's path is the secret.
	// +optional
	Path *PathToken `json:"path,omitempty"`

	// field of the document that has the secret, for example token or meta.token. The rules do not see it.
	// +optional
	Field DocumentPath `json:"field,omitempty"`
}

// PathToken has no settings.
type PathToken struct{}

// DocumentPath names a field of a document, with points between nested fields: meta.token.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=128
// +kubebuilder:validation:Pattern=`^[A-Za-z0-9@_$-]+([.][A-Za-z0-9@_$-]+)*$`
type DocumentPath string

// SenderAccount restricts the accounts that can send.
type SenderAccount struct {
	// field of the document that has the account, for example account_id.
	// +optional
	Field DocumentPath `json:"field,omitempty"`

	// allowed accounts.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	Allowed []string `json:"allowed,omitempty"`
}

// BodyFormat is a format of bodies.
//
// +kubebuilder:validation:Enum=JSON;Form;XML
type BodyFormat string

const (
	// FormatJSON is an object, or a list of objects that are separate documents.
	FormatJSON BodyFormat = "JSON"
	// FormatForm is application/x-www-form-urlencoded. data[email]=a is the field email of the object data.
	FormatForm BodyFormat = "Form"
	// FormatXML is text/xml or application/xml. Names have no namespace, attributes begin with @, and repeated elements are lists.
	FormatXML BodyFormat = "XML"
)

// WebhookBody says how bodies become documents.
type WebhookBody struct {
	// formats that are accepted. The content type of a request selects one of them. Default: JSON.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	Formats []BodyFormat `json:"formats,omitempty"`

	// jsonFields are the fields of a form whose text is JSON. They are decoded.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	JSONFields []string `json:"jsonFields,omitempty"`

	// split names a list of the document whose elements become documents of their own. With several entries, those are split again, and so on. An
	// element keeps what is around the list in its field "envelope". A document without the list, or with an empty one, is left as it is.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	Split []DocumentPath `json:"split,omitempty"`
}

// WebhookHandshake has the requests by which a sender tests the endpoint.
type WebhookHandshake struct {
	// reachable answers GET and HEAD without a challenge with 200. Such a request shows only that the endpoint exists.
	// +optional
	Reachable *ReachableHandshake `json:"reachable,omitempty"`

	// challenge answers a GET that has a challenge and the right token with the challenge. Others get 403.
	// +optional
	Challenge *ChallengeHandshake `json:"challenge,omitempty"`

	// unsigned lists requests without a signature that are answered with 200 and not stored: those with exactly these fields.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=4
	Unsigned []UnsignedHandshake `json:"unsigned,omitempty"`
}

// ReachableHandshake has no settings.
type ReachableHandshake struct{}

// ChallengeHandshake is a GET whose challenge is the response.
type ChallengeHandshake struct {
	// parameter of the query that has the challenge, for example hub.challenge.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Parameter string `json:"parameter,omitempty"`

	// tokenParameter of the query that has the token, for example hub.verify_token.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	TokenParameter string `json:"tokenParameter,omitempty"`

	// tokenKey is the key of the token in the Secret of secretRef. It differs from the key of the signature, because the token is in URLs. Default:
	// journeyman-verify-token.
	// +optional
	// +kubebuilder:validation:MinLength=12
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:Pattern=`^journeyman-[-._a-zA-Z0-9]+$`
	TokenKey string `json:"tokenKey,omitempty"`
}

// DefaultTokenKey is the default of tokenKey.
const DefaultTokenKey = "journeyman-verify-token"

// UnsignedHandshake is a request without a signature.
type UnsignedHandshake struct {
	// fields of the document; it must have all of them, and no other.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=128
	Fields []string `json:"fields,omitempty"`
}

// WebhookAnswer is the response that a sender expects.
//
// +kubebuilder:validation:XValidation:rule="has(self.body) == has(self.contentType)",message="set body and contentType, or neither"
type WebhookAnswer struct {
	// contentType of the response to an accepted request.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	ContentType string `json:"contentType,omitempty"`

	// body of the response to an accepted request.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Body string `json:"body,omitempty"`

	// staleStatus is the status of a request whose timestamp is too old. Default: 401.
	// +optional
	// +kubebuilder:validation:Minimum=400
	// +kubebuilder:validation:Maximum=499
	StaleStatus *int32 `json:"staleStatus,omitempty"`

	// refusedStatus is the status of a request whose documents are all rejected, if its sender is authenticated. Set 200 for a sender that turns off the
	// webhook after failures. The rejections are still counted, and listed in the response. Default: the status of the reason, mostly 400.
	// +optional
	// +kubebuilder:validation:Minimum=200
	// +kubebuilder:validation:Maximum=499
	RefusedStatus *int32 `json:"refusedStatus,omitempty"`
}

// HMACAlgorithm is the hash of a signature.
//
// +kubebuilder:validation:Enum=SHA1;SHA256;SHA512
type HMACAlgorithm string

const (
	// AlgorithmSHA1 is HMAC-SHA-1, for senders that support nothing else.
	AlgorithmSHA1 HMACAlgorithm = "SHA1"
	// AlgorithmSHA256 is HMAC-SHA-256, the default.
	AlgorithmSHA256 HMACAlgorithm = "SHA256"
	// AlgorithmSHA512 is HMAC-SHA-512.
	AlgorithmSHA512 HMACAlgorithm = "SHA512"
)

// SignatureEncoding is how bytes are written as text.
//
// +kubebuilder:validation:Enum=Hex;Base64
type SignatureEncoding string

const (
	// SignatureHex is hexadecimal in either case, the default.
	SignatureHex SignatureEncoding = "Hex"
	// SignatureBase64 is standard Base64.
	SignatureBase64 SignatureEncoding = "Base64"
)

// KeyEncoding is how the secret is written as text.
//
// +kubebuilder:validation:Enum=UTF8;Hex;Base64
type KeyEncoding string

const (
	// KeyUTF8 means that the text of the secret is the key. It is the default.
	KeyUTF8 KeyEncoding = "UTF8"
	// KeyHex means that the secret is the key in hexadecimal.
	KeyHex KeyEncoding = "Hex"
	// KeyBase64 means that the secret is the key in Base64.
	KeyBase64 KeyEncoding = "Base64"
)

// SignatureFormat is the form of the signature header.
//
// +kubebuilder:validation:Enum=Plain;KeyValueList;SpaceList
type SignatureFormat string

const (
	// FormatPlain is one signature, the default.
	FormatPlain SignatureFormat = "Plain"
	// FormatKeyValueList is a list such as t=1,v1=abc,v1=def.
	FormatKeyValueList SignatureFormat = "KeyValueList"
	// FormatSpaceList is several signatures, separated by spaces.
	FormatSpaceList SignatureFormat = "SpaceList"
)

// TimestampUnit is the form of a timestamp in a signed request.
//
// +kubebuilder:validation:Enum=Seconds;Milliseconds;RFC3339
type TimestampUnit string

const (
	// TimestampSeconds counts seconds since 1970, the default.
	TimestampSeconds TimestampUnit = "Seconds"
	// TimestampMilliseconds counts milliseconds since 1970.
	TimestampMilliseconds TimestampUnit = "Milliseconds"
	// TimestampRFC3339 is text such as 2026-11-01T12:00:00Z.
	TimestampRFC3339 TimestampUnit = "RFC3339"
)

// HMACRecipe describes how a sender signs its requests.
//
// +kubebuilder:validation:XValidation:rule="!has(self.tolerance) || has(self.timestamp)",message="tolerance needs timestamp: without one the age of a request is unknown"
// +kubebuilder:validation:XValidation:rule="!has(self.timestamp) || (has(self.signedContent) && self.signedContent.exists(p, has(p.timestamp)))",message="signedContent must have a timestamp entry when timestamp is set: a time that is not signed can be changed by whoever repeats the request"
// +kubebuilder:validation:XValidation:rule="!has(self.signedContent) || has(self.timestamp) || !self.signedContent.exists(p, has(p.timestamp))",message="set timestamp, because signedContent has a timestamp entry"
// +kubebuilder:validation:XValidation:rule="!has(self.signedContent) || self.signedContent.exists(p, has(p.body) || has(p.form) || has(p.formField))",message="signedContent must have an entry for the body: body, form or formField. A body that is not signed can be changed"
// +kubebuilder:validation:XValidation:rule="!has(self.timestamp) || !has(self.timestamp.key) || (has(self.format) && self.format == 'KeyValueList')",message="timestamp.key needs the format KeyValueList; set timestamp.header for the other formats"
// +kubebuilder:validation:XValidation:rule="(has(self.format) && self.format == 'KeyValueList') == has(self.signatureKey)",message="set signatureKey for the format KeyValueList, and only for it"
// +kubebuilder:validation:XValidation:rule="has(self.header) != has(self.formField)",message="set exactly one of header and formField: it carries the signature"
// +kubebuilder:validation:XValidation:rule="!has(self.bodyHashParameter) || (has(self.signedContent) && self.signedContent.exists(p, has(p.url)))",message="bodyHashParameter needs a url entry in signedContent: a hash that is not signed can be changed"
type HMACRecipe struct {
	// header that carries the signature, for example X-Shop-Signature.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Header string `json:"header,omitempty"`

	// formField of a form that carries the signature.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	FormField string `json:"formField,omitempty"`

	// prefix in front of the signature that is not part of it, for example "sha256=" or "v1,".
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Prefix string `json:"prefix,omitempty"`

	// format of the header. Plain (default): one signature. KeyValueList: t=1,v1=abc. SpaceList: several, separated by spaces.
	// +optional
	Format SignatureFormat `json:"format,omitempty"`

	// signatureKey is the key whose values are signatures in the format KeyValueList, for example v1.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	SignatureKey string `json:"signatureKey,omitempty"`

	// algorithm of the HMAC. Default: SHA256. SHA1 is for senders that support nothing else.
	// +optional
	Algorithm HMACAlgorithm `json:"algorithm,omitempty"`

	// encoding of the signature. Default: Hex.
	// +optional
	Encoding SignatureEncoding `json:"encoding,omitempty"`

	// keyEncoding of the secret. Default: UTF8, the text itself.
	// +optional
	KeyEncoding KeyEncoding `json:"keyEncoding,omitempty"`

	// signedContent lists the parts that are concatenated and signed. Default: the body alone.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	SignedContent []SignedPart `json:"signedContent,omitempty"`

	// timestamp says where the request has its time of sending, so that the pods can reject old requests.
	// +optional
	Timestamp *SignatureTimestamp `json:"timestamp,omitempty"`

	// bodyHashParameter of the query has the SHA-256 of the body in hexadecimal. It protects bodies that are not forms, if signedContent has url and form.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	BodyHashParameter string `json:"bodyHashParameter,omitempty"`

	// tolerance is the greatest age of a request. Default with a timestamp: 5m.
	// +optional
	Tolerance Duration `json:"tolerance,omitempty"`
}

// SignedPart is one piece of the signed text. Set exactly one.
//
// +kubebuilder:validation:XValidation:rule="[has(self.body), has(self.form), has(self.formField), has(self.url), has(self.method), has(self.timestamp), has(self.literal), has(self.header)].filter(x, x).size() == 1",message="set exactly one of body, form, formField, url, method, timestamp, literal and header"
type SignedPart struct {
	// body stands for the raw bytes of the request's body.
	// +optional
	Body *SignedPartMarker `json:"body,omitempty"`

	// form stands for the names and values of a form, sorted by name and without separators.
	// +optional
	Form *SignedPartMarker `json:"form,omitempty"`

	// formField stands for the value of the named field of a form.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	FormField string `json:"formField,omitempty"`

	// url stands for publicURL with the request's query.
	// +optional
	URL *SignedPartMarker `json:"url,omitempty"`

	// method stands for the HTTP method in capital letters.
	// +optional
	Method *SignedPartMarker `json:"method,omitempty"`

	// timestamp stands for the timestamp as it was sent.
	// +optional
	Timestamp *SignedPartMarker `json:"timestamp,omitempty"`

	// literal is a fixed text, for example ".".
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Literal string `json:"literal,omitempty"`

	// header stands for the value of the named header.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Header string `json:"header,omitempty"`
}

// SignedPartMarker has no settings.
type SignedPartMarker struct{}

// SignatureTimestamp says where a request has its time of sending. Set exactly one of header and key.
//
// +kubebuilder:validation:XValidation:rule="has(self.header) != has(self.key)",message="set exactly one of header and key"
type SignatureTimestamp struct {
	// header that carries the timestamp.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9-]+$`
	Header string `json:"header,omitempty"`

	// key of the timestamp in a signature header of the format KeyValueList, for example t.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Key string `json:"key,omitempty"`

	// unit of the timestamp. Default: Seconds.
	// +optional
	Unit TimestampUnit `json:"unit,omitempty"`
}
