#include "walrus/s3/replies.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"

namespace angophora::walrus {

http::Response empty_reply(int status) {
  http::Response response;
  response.status = status;
  return response;
}

http::Response xml_reply(xml::Writer writer, int status) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/xml");
  response.body = std::move(writer).finish();
  return response;
}

xml::Writer start_xml(std::string_view name) {
  xml::Writer writer;
  writer.open(name).attribute("xmlns", kS3Namespace);
  return writer;
}

std::string quoted_etag(std::string_view etag) { return "\"" + std::string(etag) + "\""; }

std::string listed_time(common::SysTime time) {
  return common::format_iso8601(std::chrono::floor<std::chrono::seconds>(time));
}

void write_account(xml::Writer& writer, std::string_view element, const std::string& canonical_id,
                   const Identities& identities) {
  const auto* account = identities.account_of_canonical_id(canonical_id);
  writer.open(element).element("ID", canonical_id);
  if (account) writer.element("DisplayName", account->name);
  writer.close();
}

Result<KeyText> KeyText::of(const S3Call& call) {
  KeyText text;
  const auto type = call.parameter("encoding-type");
  if (!type) return text;
  if (!common::equal_ignore_case(*type, "url"))
    return Error(S3Errc::invalid_argument, "Invalid Encoding Method specified in Request");
  text.url_ = true;
  return text;
}

std::string KeyText::operator()(std::string_view text) const {
  return url_ ? common::percent_encode(text, true) : std::string(text);
}

Result<std::size_t> count_parameter(const S3Call& call, std::string_view name, std::size_t fallback,
                                    std::size_t most) {
  const auto text = call.parameter(name);
  if (!text || text->empty()) return fallback;
  const auto number = common::parse_number<std::uint64_t>(*text);
  if (!number || *number > INT32_MAX)
    return Error(S3Errc::invalid_argument,
                 "Argument " + std::string(name) + " must be an integer between 0 and 2147483647");
  return std::min<std::size_t>(*number, most);
}

}  // namespace angophora::walrus
