#include "clc/http/envelope.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

#include "common/xml/writer.h"

namespace angophora::clc {
namespace {

constexpr char kNewestEc2[] = "2016-11-15";

// Something like 2016-11-15; anything else must not get into a namespace.
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '-' || std::isdigit(c); });
}

std::string namespace_of(const EnvelopeContext& context) {
  switch (context.api) {
    case Api::ec2:
      return "http://ec2.amazonaws.com/doc/" +
             std::string(is_date(context.version) ? context.version : kNewestEc2) + "/";
    case Api::iam:
      return "https://iam.amazonaws.com/doc/2010-05-08/";
    case Api::sts:
      return "https://sts.amazonaws.com/doc/2011-06-15/";
    case Api::bootstrap:
    case Api::properties:
      return "http://msgs.eucalyptus.com/";
  }
  return {};
}

void write(xml::Writer& out, const Element& element) {
  if (element.children().empty() && element.text().empty()) {
    out.empty(element.name());
    return;
  }
  out.open(element.name());
  if (!element.text().empty()) out.text(element.text());
  for (const auto& child : element.children()) write(out, child);
  out.close();
}

}  // namespace

std::string render_reply(const EnvelopeContext& context, const Reply& reply) {
  xml::Writer out;
  out.open(context.action + "Response").attribute("xmlns", namespace_of(context));
  const bool has_result = context.api == Api::iam || context.api == Api::sts;
  if (has_result)
    out.open(context.action + "Result");
  else
    out.element("requestId", context.request_id);
  for (const auto& child : reply.children()) write(out, child);
  if (has_result) {
    out.close();
    out.open("ResponseMetadata").element("RequestId", context.request_id).close();
  }
  return std::move(out).finish();
}

std::string render_fault(const EnvelopeContext& context, const WireFault& fault) {
  xml::Writer out;
  if (context.api == Api::iam || context.api == Api::sts) {
    out.open("ErrorResponse").attribute("xmlns", namespace_of(context));
    out.open("Error").element("Type", fault.status < 500 ? "Sender" : "Receiver");
    out.element("Code", fault.code).element("Message", fault.message).close();
    out.element("RequestId", context.request_id);
  } else {
    out.open("Response").open("Errors").open("Error");
    out.element("Code", fault.code).element("Message", fault.message);
    out.close().close().element("RequestID", context.request_id);
  }
  return std::move(out).finish();
}

std::string render_json_fault(const WireFault& fault) {
  return boost::json::serialize(
      boost::json::value{{"__type", fault.code}, {"message", fault.message}});
}

std::string render_s3_redirect(const std::string& endpoint, const std::string& request_id) {
  xml::Writer out;
  out.open("Error").element("Code", "PermanentRedirect");
  out.element("Message", "S3 is served at another address. Send all S3 requests to " + endpoint);
  out.element("Endpoint", endpoint).element("RequestId", request_id);
  return std::move(out).finish();
}

}  // namespace angophora::clc
