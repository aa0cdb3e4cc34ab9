#include "walrus/s3/object_headers.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "common/http/head.h"
#include "walrus/documents/object_lock.h"
#include "walrus/s3/encryption.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kMetadataBytesMax = 2048;
constexpr std::string_view kMetaPrefix = "x-amz-meta-";
constexpr std::array<std::string_view, 5> kContentHeaders = {
    "cache-control", "content-disposition", "content-language", "content-type", "expires"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kOverrides = {{
    {"response-cache-control", "cache-control"},
    {"response-content-disposition", "content-disposition"},
    {"response-content-encoding", "content-encoding"},
    {"response-content-language", "content-language"},
    {"response-content-type", "content-type"},
    {"response-expires", "expires"},
}};

// The encodings without aws-chunked, which ends at this door.
std::string kept_encodings(std::string_view value) {
  std::string kept;
  for (const auto part : common::split(value, ',')) {
    const auto name = common::trim(part);
    if (name.empty() || common::equal_ignore_case(name, "aws-chunked")) continue;
    kept += (kept.empty() ? "" : ", ") + std::string(name);
  }
  return kept;
}

Result<> add_metadata(const S3Call& call, StoredHeaders& kept) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : call.http.headers) {
    auto lower = common::to_lower(name);
    if (!lower.starts_with(kMetaPrefix)) continue;
    bytes += lower.size() - kMetaPrefix.size() + value.size();
    bool joined = false;
    for (auto& [there, text] : kept)
      if (there == lower) {
        text += "," + value;
        joined = true;
      }
    if (!joined) kept.emplace_back(std::move(lower), value);
  }
  if (bytes > kMetadataBytesMax)
    return Error(S3Errc::metadata_too_large,
                 "Your metadata headers exceed the maximum allowed metadata size");
  return common::ok();
}

void add_lock_headers(const Object& object, http::Headers& headers) {
  if (object.retention) {
    headers.add("x-amz-object-lock-mode", std::string(mode_name(*object.retention)));
    headers.add("x-amz-object-lock-retain-until-date",
                common::format_iso8601(object.retention->until));
  }
  if (object.legal_hold) headers.add("x-amz-object-lock-legal-hold", "ON");
}

}  // namespace

Result<std::string> storage_class_of(const S3Call& call) {
  const auto name = std::string(call.header("x-amz-storage-class"));
  if (name.empty() || name == "STANDARD") return std::string();
  const auto& known = call.settings->storage_classes;
  if (std::find(known.begin(), known.end(), name) == known.end())
    return Error(S3Errc::invalid_storage_class, "The storage class you specified is not valid");
  return name;
}

void add_version_header(const Object& object, http::Headers& headers) {
  if (object.version != kNullVersion) headers.add("x-amz-version-id", object.version);
}

Result<StoredHeaders> headers_to_keep(const S3Call& call) {
  StoredHeaders kept;
  for (const auto name : kContentHeaders)
    if (const auto value = call.header(name); !value.empty())
      kept.emplace_back(std::string(name), std::string(value));
  if (auto encodings = kept_encodings(call.header("content-encoding")); !encodings.empty())
    kept.emplace_back("content-encoding", std::move(encodings));
  TRY_VOID(add_metadata(call, kept));
  return kept;
}

Result<http::Headers> headers_to_serve(const S3Call& call, const Object& object) {
  http::Headers headers;
  for (const auto& [name, value] : object.headers) headers.add(name, value);
  if (!headers.find("content-type")) headers.add("Content-Type", "binary/octet-stream");
  for (const auto& [parameter, header] : kOverrides) {
    const auto value = call.parameter(parameter);
    if (!value) continue;
    if (call.caller.anonymous())
      return Error(S3Errc::invalid_request,
                   "Request specific response headers cannot be used for anonymous GET requests.");
    if (!http::is_valid_field(header, *value))
      return Error(S3Errc::invalid_argument,
                   std::string(parameter) + " has a character that no header can hold");
    headers.set(std::string(header), std::string(*value));
  }
  headers.add("ETag", quoted_etag(object.etag));
  headers.add("Last-Modified", common::format_http_date(object.changed));
  headers.add("Accept-Ranges", "bytes");
  add_version_header(object, headers);
  if (!object.storage_class.empty()) headers.add("x-amz-storage-class", object.storage_class);
  if (!object.tags.empty()) headers.add("x-amz-tagging-count", std::to_string(object.tags.size()));
  add_lock_headers(object, headers);
  TRY_VOID(add_encryption_headers(object.encryption, headers));
  return headers;
}

void add_checksum_headers(const StoredChecksum& checksum, http::Headers& headers) {
  headers.add(std::string(header_of(checksum.kind)), checksum.value);
  headers.add("x-amz-checksum-type", checksum.composite ? "COMPOSITE" : "FULL_OBJECT");
}

Conditions conditions_of(const S3Call& call, std::string_view prefix) {
  const auto header = [&](std::string_view name) {
    return call.header(std::string(prefix) + std::string(name));
  };
  return {header("if-match"), header("if-none-match"), header("if-modified-since"),
          header("if-unmodified-since")};
}

WriteConditions::WriteConditions(const S3Call& call)
    : if_match(call.header("if-match")), if_none_match(call.header("if-none-match")) {}

Result<> WriteConditions::judge(const std::optional<Object>& there) const {
  const Error failed(S3Errc::precondition_failed,
                     "At least one of the pre-conditions you specified did not hold");
  if (!if_none_match.empty() && there && names_etag(if_none_match, there->etag)) return failed;
  if (if_match.empty()) return common::ok();
  if (!there) return Error(S3Errc::no_such_key, "The specified key does not exist.");
  if (!names_etag(if_match, there->etag)) return failed;
  return common::ok();
}

}  // namespace angophora::walrus
