#include "walrus/http/post_object.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "common/http/head.h"
#include "common/xml/reader.h"
#include "walrus/documents/post_policy.h"
#include "walrus/documents/tagging.h"
#include "walrus/domain/tags.h"
#include "walrus/http/authenticate.h"
#include "walrus/http/front_door.h"
#include "walrus/objects/form_decoder.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;

Error invalid(std::string message) { return Error(S3Errc::invalid_argument, std::move(message)); }

// The file of a form as a body of its own, held to the policy's length.
class FileOfForm final : public http::BodyReader {
 public:
  FileOfForm(http::BodyReader& form, std::string boundary)
      : form_(form), decoder_(std::move(boundary)) {}

  // Reads up to the file.
  Task<> read_fields() {
    while (!decoder_.at_file()) CO_TRY_VOID(co_await more());
    co_return common::ok();
  }
  void limit(std::uint64_t least, std::uint64_t most) {
    least_ = least;
    most_ = most;
  }
  const FormDecoder& decoder() const { return decoder_; }

  std::optional<std::uint64_t> length() const override { return std::nullopt; }
  Task<std::size_t> read(std::span<char> into) override {
    while (at_ == data_.size() && !decoder_.at_end()) CO_TRY_VOID(co_await more());
    const auto count = std::min(into.size(), data_.size() - at_);
    data_.copy(into.data(), count, at_);
    at_ += count;
    total_ += count;
    if (total_ > most_)
      co_return Error(S3Errc::entity_too_large,
                      "Your proposed upload exceeds the maximum allowed size");
    if (count == 0 && total_ < least_)
      co_return Error(S3Errc::entity_too_small,
                      "Your proposed upload is smaller than the minimum allowed size");
    co_return count;
  }

 private:
  Task<> more() {
    if (at_ == data_.size()) {
      data_.clear();
      at_ = 0;
    }
    buffer_.resize(kReadBytes);
    const std::span<char> room(buffer_);
    CO_TRY(const auto count, co_await form_.read(room));
    if (count == 0) {
      CO_TRY_VOID(decoder_.finish());
      co_return Error(S3Errc::incomplete_body, "The request body terminated unexpectedly");
    }
    co_return decoder_.feed(std::string_view(buffer_).substr(0, count), data_);
  }

  http::BodyReader& form_;
  FormDecoder decoder_;
  std::string buffer_, data_;
  std::size_t at_ = 0;
  std::uint64_t total_ = 0, least_ = 0, most_ = UINT64_MAX;
};

// The form's fields, by name in lower case.
struct Form {
  FormFields fields;
  std::string get(std::string_view name) const {
    for (const auto& [key, value] : fields)
      if (key == name) return value;
    return {};
  }
  bool has(std::string_view name) const {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const auto& f) { return f.first == name; });
  }
};

Result<> check_signature(const Form& form, const std::string& secret) {
  const auto policy = form.get("policy");
  if (form.has("x-amz-signature")) {
    const auto verified = sigv::verify_post_policy(policy, form.get("x-amz-credential"),
                                                   form.get("x-amz-signature"), secret);
    if (verified) return common::ok();
  } else if (common::equal_constant_time(common::base64_encode(crypto::hmac_sha1(secret, policy)),
                                         form.get("signature"))) {
    return common::ok();
  }
  return Error(S3Errc::signature_does_not_match,
               "The request signature we calculated does not match the signature you provided. "
               "Check your key and signing method.");
}

Result<std::string> access_key_of(const Form& form) {
  if (form.has("x-amz-signature")) {
    auto key = sigv::access_key_of(form.get("x-amz-credential"));
    if (!key) return invalid("Bucket POST must contain a valid field named 'X-Amz-Credential'.");
    return key;
  }
  for (const auto* name : {"signature", "awsaccesskeyid"})
    if (!form.has(name))
      return invalid("Bucket POST must contain a field named '" + std::string(name) +
                     "'. If it is specified, please check the order of the fields.");
  return form.get("awsaccesskeyid");
}

// Who signed the form's policy, and that the form is what it says. Without one nobody has.
Task<std::optional<PostPolicy>> authenticate_form(Services& services, S3Call& put,
                                                  const Form& form) {
  if (!form.has("policy")) {
    if (form.has("signature") || form.has("x-amz-signature"))
      co_return invalid("Bucket POST must contain a field named 'policy'.");
    co_return std::optional<PostPolicy>();
  }
  CO_TRY(const auto access_key, access_key_of(form));
  const auto session_token = form.get("x-amz-security-token");
  CO_TRY(auto credential, co_await services.identities.credential(access_key, session_token));
  CO_TRY_VOID(check_signature(form, credential.secret));
  set_caller(put, std::move(credential));
  const auto json = common::base64_decode(form.get("policy"));
  if (!json) co_return Error(S3Errc::invalid_policy_document, "Invalid Policy: not base64");
  CO_TRY(auto policy, parse_post_policy(*json));
  CO_TRY_VOID(check_post_policy(policy, form.fields, services.runtime.now()));
  co_return std::optional(std::move(policy));
}

// A tagging field is a document, the header is not.
Result<std::string> tagging_header_of(const std::string& field) {
  xml::Limits limits;
  limits.bytes_max = 64 * 1024;
  limits.depth_max = 8;
  const auto document = xml::read(field, limits);
  if (!document) return malformed_xml();
  TRY_VOID(check_shape(document.value(), kTaggingShape));
  return store_tags(tags_of(document.value()));
}

// Headers of the PutObject that the form stands for.
Result<> add_headers(const Form& form, http::Headers& headers) {
  constexpr std::string_view kContent[] = {"cache-control",       "content-type",
                                           "content-disposition", "content-encoding",
                                           "content-language",    "expires"};
  constexpr std::string_view kOfTheForm[] = {"x-amz-signature", "x-amz-credential",
                                             "x-amz-algorithm", "x-amz-date",
                                             "x-amz-security-token"};
  for (const auto& [name, value] : form.fields) {
    const bool is_content =
        std::find(std::begin(kContent), std::end(kContent), name) != std::end(kContent);
    const bool is_amz =
        name.starts_with("x-amz-") &&
        std::find(std::begin(kOfTheForm), std::end(kOfTheForm), name) == std::end(kOfTheForm);
    if (!is_content && !is_amz) continue;
    if (!http::is_valid_field(name, value))
      return invalid("The field " + name + " has a character that no header can hold");
    headers.add(name, value);
  }
  if (form.has("acl")) headers.add("x-amz-acl", form.get("acl"));
  if (!form.has("tagging")) return common::ok();
  TRY(auto tagging, tagging_header_of(form.get("tagging")));
  headers.add("x-amz-tagging", std::move(tagging));
  return common::ok();
}

std::string with_file_name(std::string key, const std::string& file_name) {
  constexpr std::string_view kPlace = "${filename}";
  for (auto at = key.find(kPlace); at != std::string::npos;
       at = key.find(kPlace, at + file_name.size()))
    key.replace(at, kPlace.size(), file_name);
  return key;
}

Task<http::Response> put_object(Services& services, S3Call& put) {
  const auto& all = s3_operations();
  const auto found =
      std::find_if(all.begin(), all.end(), [](const auto* o) { return o->name == "PutObject"; });
  put.permission = (*found)->permission;
  put.settings = &services.settings;
  put.requester = requester_of(services, put);
  CO_TRY_VOID(refuse_unknown_features(put));
  co_return co_await (*found)->run(services, put);
}

http::Response reply_of(const Form& form, const S3Call& put, http::Response done) {
  const std::string etag(done.headers.get("etag"));
  const auto location = (put.http.peer.tls ? "https://" : "http://") +
                        std::string(put.header("host")) + "/" + put.target.bucket + "/" +
                        common::percent_encode(put.target.key, true);
  auto redirect = form.get("success_action_redirect");
  if (redirect.empty()) redirect = form.get("redirect");
  const auto status = form.get("success_action_status");
  if (!redirect.empty() && http::is_valid_field("location", redirect)) {
    done.status = 303;
    redirect += (redirect.find('?') == std::string::npos ? "?" : "&") +
                ("bucket=" + common::percent_encode(put.target.bucket)) +
                "&key=" + common::percent_encode(put.target.key, true) +
                "&etag=" + common::percent_encode(etag);
    done.headers.add("Location", redirect);
    return done;
  }
  done.headers.add("Location", location);
  done.status = status == "200" ? 200 : 204;
  if (status != "201") return done;
  xml::Writer writer;
  writer.open("PostResponse").element("Location", location);
  writer.element("Bucket", put.target.bucket).element("Key", put.target.key);
  writer.element("ETag", etag);
  auto headers = std::move(done.headers);
  done = xml_reply(std::move(writer), 201);
  for (const auto& [name, value] : headers) done.headers.add(name, value);
  return done;
}

}  // namespace

bool is_form_upload(const S3Call& call) {
  return call.http.method == "POST" && !call.target.bucket.empty() && call.target.key.empty() &&
         call.query.empty() &&
         common::to_lower(call.header("content-type")).starts_with("multipart/form-data");
}

Task<http::Response> answer_form_upload(Services& services, S3Call& call) {
  const auto boundary = form_boundary(call.header("content-type"));
  if (!boundary)
    co_return Error(S3Errc::malformed_post_request,
                    "The Content-Type of your POST request has no boundary.");
  FileOfForm file(*call.http.body, *boundary);
  CO_TRY_VOID(co_await file.read_fields());
  Form form;
  for (const auto& field : file.decoder().fields())
    form.fields.emplace_back(field.name, field.value);
  if (form.get("key").empty())
    co_return invalid(
        "Bucket POST must contain a field named 'key'. If it is specified, please check the order "
        "of the fields.");
  http::Request request;
  request.method = "PUT";
  request.target = call.http.target;
  request.peer = call.http.peer;
  request.body = &file;
  request.headers.add("Host", std::string(call.header("host")));
  request.headers.add("Transfer-Encoding", "chunked");
  const Target target{call.target.bucket,
                      with_file_name(form.get("key"), file.decoder().file().name)};
  if (target.key.size() > kKeyBytesMax)
    co_return Error(S3Errc::key_too_long, "Your key is too long");
  CO_TRY_VOID(add_headers(form, request.headers));
  S3Call put{request, target, {}, call.request_id, {}, {}, {}, call.expected_owner};
  auto judged = form;
  // Conditions may speak of the bucket, and of the key as it will be.
  std::erase_if(judged.fields, [](const auto& field) { return field.first == "bucket"; });
  judged.fields.emplace_back("bucket", target.bucket);
  for (auto& [name, value] : judged.fields)
    if (name == "key") value = target.key;
  CO_TRY(const auto policy, co_await authenticate_form(services, put, judged));
  if (policy && policy->length_range)
    file.limit(policy->length_range->first, policy->length_range->second);
  CO_TRY(auto done, co_await put_object(services, put));
  co_return reply_of(form, put, std::move(done));
}

}  // namespace angophora::walrus
