#include "walrus/http/access_record.h"

#include "common/audit/record.h"
#include "common/base/encoding.h"
#include "common/base/text.h"
#include "walrus/logging/record.h"

namespace angophora::walrus {
namespace {

struct Noun {
  std::string_view operation, noun;
};
// What an operation is about, as log lines call it. Those that are missing are about the bucket or
// the object itself.
constexpr Noun kNouns[] = {
    {"ListObjectVersions", "BUCKETVERSIONS"},
    {"GetBucketLocation", "LOCATION"},
    {"GetBucketAcl", "ACL"},
    {"PutBucketAcl", "ACL"},
    {"GetObjectAcl", "ACL"},
    {"PutObjectAcl", "ACL"},
    {"GetBucketPolicy", "BUCKETPOLICY"},
    {"PutBucketPolicy", "BUCKETPOLICY"},
    {"DeleteBucketPolicy", "BUCKETPOLICY"},
    {"GetBucketPolicyStatus", "POLICY_STATUS"},
    {"GetBucketVersioning", "VERSIONING"},
    {"PutBucketVersioning", "VERSIONING"},
    {"GetBucketLogging", "LOGGING_STATUS"},
    {"PutBucketLogging", "LOGGING_STATUS"},
    {"DeleteObjects", "MULTI_OBJECT_DELETE"},
    {"ListMultipartUploads", "UPLOADS"},
    {"CreateMultipartUpload", "UPLOADS"},
    {"CompleteMultipartUpload", "UPLOAD"},
    {"AbortMultipartUpload", "UPLOAD"},
    {"ListParts", "UPLOAD"},
    {"UploadPart", "PART"},
    {"UploadPartCopy", "PART"},
    {"GetObjectAttributes", "OBJECT_ATTRIBUTES"},
    {"GetObjectTagging", "OBJECT_TAGGING"},
    {"PutObjectTagging", "OBJECT_TAGGING"},
    {"DeleteObjectTagging", "OBJECT_TAGGING"},
    {"GetObjectRetention", "RETENTION"},
    {"PutObjectRetention", "RETENTION"},
    {"GetObjectLegalHold", "LEGAL_HOLD"},
    {"PutObjectLegalHold", "LEGAL_HOLD"},
};

// The noun of a document of a bucket is its parameter: REST.PUT.CORS.
constexpr std::string_view kDocuments[] = {"cors",        "tagging",           "lifecycle",
                                           "encryption",  "ownershipControls", "publicAccessBlock",
                                           "object-lock", "requestPayment",    "website",
                                           "accelerate",  "notification",      "replication"};

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '-' ? '_' : c >= 'a' && c <= 'z' ? char(c - 32) : c;
  return out;
}

std::string operation_name(const S3Call& call, std::string_view operation) {
  std::string noun(call.target.key.empty() && operation != "PostObject" ? "BUCKET" : "OBJECT");
  for (const auto& known : kNouns)
    if (known.operation == operation) noun = known.noun;
  if (noun == "BUCKET")
    for (const auto document : kDocuments)
      if (call.parameter(document)) noun = upper(document);
  if (call.http.method == "OPTIONS") noun = "PREFLIGHT";
  return "REST." + call.http.method + "." + noun;
}

std::string requester_name(const S3Caller& caller) {
  using Type = policy::Principal::Type;
  if (caller.anonymous()) return "";
  return caller.principal.type == Type::root ? caller.canonical_id : caller.principal.arn;
}

// Without what would let a reader of the log ask in the caller's name: the signature of a presigned
// address is good for up to a week.
std::string without_secrets(std::string_view address) {
  const auto query = address.find('?');
  std::string out(address.substr(0, query));
  if (query == address.npos) return out;
  char before = '?';
  for (const auto part : common::split(address.substr(query + 1), '&')) {
    const auto name = part.substr(0, part.find('='));
    const auto plain = common::percent_decode(name, true).value_or(std::string(name));
    out += before;
    out += audit::is_secret(plain) ? std::string(name) + "=-" : std::string(part);
    before = '&';
  }
  return out;
}

void add_signature(const S3Call& call, AccessRecord& record) {
  using sigv::Scheme;
  if (!call.claim) return;
  const auto scheme = call.claim->scheme;
  const bool is_v4 = scheme == Scheme::v4_header || scheme == Scheme::v4_query;
  const bool in_header = scheme == Scheme::v4_header || scheme == Scheme::s3_v2_header;
  record.signature_version = is_v4 ? "SigV4" : "SigV2";
  record.authentication = in_header ? "AuthHeader" : "QueryString";
}

std::optional<std::uint64_t> bytes_of(const S3Call& call, const http::Response& response) {
  if (call.http.method == "HEAD") return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&response.body)) return text->size();
  if (const auto* range = std::get_if<http::FileRange>(&response.body)) return range->length;
  return common::parse_number<std::uint64_t>(response.headers.get("Content-Length"));
}

// Of the object that was read or written, as far as the headers tell.
std::optional<std::uint64_t> object_bytes(const S3Call& call, std::string_view operation,
                                          const http::Response& response,
                                          std::optional<std::uint64_t> sent) {
  if (operation == "PutObject" || operation == "UploadPart")
    return call.http.body ? call.http.body->length() : std::nullopt;
  if (operation == "HeadObject") return response.head_length;
  if (operation != "GetObject" || response.status >= 300) return std::nullopt;
  const auto range = response.headers.get("Content-Range");
  if (range.empty()) return sent;
  return common::parse_number<std::uint64_t>(range.substr(range.rfind('/') + 1));
}

}  // namespace

std::string access_lines(const AccessLog::Source& source, const S3Call& call,
                         std::string_view operation, std::string_view error_code,
                         const http::Response& response, common::Duration took,
                         common::SysTime now) {
  AccessRecord record;
  record.bucket_owner = source.owner;
  record.bucket = call.target.bucket;
  record.time = now;
  record.address = call.http.peer.address;
  record.requester = requester_name(call.caller);
  record.request_id = call.request_id;
  record.operation = operation_name(call, operation);
  record.key = call.target.key;
  record.request_line = call.http.method + " " + without_secrets(call.http.target) + " HTTP/1.1";
  record.status = response.status;
  record.error_code = std::string(error_code);
  record.bytes_sent = bytes_of(call, response);
  record.object_bytes = object_bytes(call, operation, response, record.bytes_sent);
  record.took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  record.referrer = without_secrets(call.header("Referer"));
  record.user_agent = std::string(call.header("User-Agent"));
  record.version = std::string(response.headers.get("x-amz-version-id"));
  if (record.version.empty()) record.version = call.parameter_or_empty("versionId");
  add_signature(call, record);
  record.host = std::string(call.header("Host"));
  record.list_was_needed =
      call.requester && call.requester->list_was_needed && *call.requester->list_was_needed;
  auto lines = to_line(record);
  for (const auto& [key, version] : call.keys_of_many) {
    record.operation = "REST.POST.DELETE_MULTI_OBJECT";
    record.key = key;
    record.version = version;
    lines += to_line(record);
  }
  return lines;
}

}  // namespace angophora::walrus
