#include "clc/http/envelope.h"

#include <boost/json.hpp>

#include "clc/soap/ec2_namespace.h"
#include "common/xml/writer.h"

namespace angophora::clc {
namespace {

std::string namespace_of(const EnvelopeContext& context) {
  switch (context.api) {
    case Api::ec2:
      return ec2_namespace(context.version);
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

constexpr char kSoapSpace[] = "http://schemas.xmlsoap.org/soap/envelope/";
// As AWS' SOAP services name what is their own in a fault.
constexpr char kFaultSpace[] = "http://webservices.amazon.com/AWSFault/2005-15-09";

void write_reply(xml::Writer& out, const EnvelopeContext& context, const Reply& reply) {
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
  out.close();
}

void open_soap_body(xml::Writer& out) {
  out.open("soapenv:Envelope").attribute("xmlns:soapenv", kSoapSpace);
  out.open("soapenv:Body");
}

std::string render_soap_fault(const EnvelopeContext& context, const WireFault& fault) {
  xml::Writer out;
  open_soap_body(out);
  out.open("soapenv:Fault").attribute("xmlns:aws", kFaultSpace);
  out.element("faultcode", (fault.status < 500 ? "aws:Client." : "aws:Server.") + fault.code);
  out.element("faultstring", fault.message);
  out.open("detail").element("aws:RequestId", context.request_id);
  return std::move(out).finish();
}

}  // namespace

int status_of(const EnvelopeContext& context, const WireFault& fault) {
  return context.is_soap ? 500 : fault.status;
}

std::string render_reply(const EnvelopeContext& context, const Reply& reply) {
  xml::Writer out;
  if (context.is_soap) open_soap_body(out);
  write_reply(out, context, reply);
  return std::move(out).finish();
}

std::string render_fault(const EnvelopeContext& context, const WireFault& fault) {
  if (context.is_soap) return render_soap_fault(context, fault);
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
