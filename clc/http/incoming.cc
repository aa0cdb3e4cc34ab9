#include "clc/http/incoming.h"

#include <algorithm>

#include "clc/domain/errors.h"
#include "common/base/text.h"

namespace angophora::clc {
namespace {

// "10.0.0.1:8773" and "[::1]:8773" without the port.
std::string without_port(std::string_view host) {
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return std::string(has_port ? host.substr(0, colon) : host);
}

// The service in "AKID/20261122/region/ec2/aws4_request".
std::string service_of_credential(std::string_view credential) {
  const auto parts = common::split(credential.substr(0, credential.find_first_of(", ")), '/');
  return parts.size() >= 5 ? common::to_lower(parts[parts.size() - 2]) : std::string();
}

std::string scope_service(const http::Request& request, const Incoming& in) {
  const auto authorization = request.headers.get("Authorization");
  constexpr std::string_view kCredential = "Credential=";
  if (const auto at = authorization.find(kCredential); at != std::string_view::npos)
    return service_of_credential(authorization.substr(at + kCredential.size()));
  for (const auto& [name, value] : in.parameters)
    if (name == "X-Amz-Credential") return service_of_credential(value);
  return {};
}

common::Result<> append(Incoming& in, std::string_view encoded) {
  auto parameters = http::parse_query(encoded, true);
  if (!parameters)
    return common::Error(RequestErrc::invalid_value,
                         "The request's parameters are not well-formed or too many");
  for (auto& [name, value] : *parameters) {
    if (!common::is_valid_utf8(name) || !common::is_valid_utf8(value))
      return common::Error(RequestErrc::invalid_value,
                           "A parameter of the request is not valid UTF-8");
    if (!name.empty()) in.parameters.emplace_back(std::move(name), std::move(value));
  }
  return common::ok();
}

}  // namespace

std::string new_request_id(common::Runtime& runtime) {
  auto digits = runtime.random_hex(32);
  digits[12] = '4';
  digits[16] = "89ab"[runtime.random_below(4)];
  return digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" +
         digits.substr(16, 4) + "-" + digits.substr(20);
}

RoutingInput Incoming::routing(const http::Request& request) const {
  RoutingInput in;
  in.method = request.method;
  in.path = path;
  in.host = std::string(request.headers.get("Host"));
  in.action = action;
  in.version = caller.version;
  in.authorization = std::string(request.headers.get("Authorization"));
  in.scope_service = scope_service(request, *this);
  in.is_json = is_json;
  return in;
}

Incoming begin_request(const http::Request& request, common::Runtime& runtime) {
  Incoming in;
  in.caller.request_id = new_request_id(runtime);
  std::string host(request.headers.get("Host"));
  if (host.empty()) host = request.peer.local_address;
  in.caller.endpoint = (request.peer.tls ? "https://" : "http://") + host;
  in.host_name = without_port(host);
  in.target = request.target;
  in.path = std::string(request.path());
  in.peer = request.peer.address;
  const auto type = common::to_lower(request.headers.get("Content-Type"));
  in.is_form = type.starts_with("application/x-www-form-urlencoded");
  in.is_json = request.headers.find("X-Amz-Target").has_value();
  in.is_soap = request.method == "POST" && !in.is_form && !in.is_json &&
               (request.headers.find("SOAPAction").has_value() || type.starts_with("text/xml") ||
                type.starts_with("application/soap+xml"));
  return in;
}

bool wants_wsdl(const Incoming& in, const http::Request& request) {
  return request.method == "GET" &&
         std::any_of(in.parameters.begin(), in.parameters.end(), [](const auto& parameter) {
           return common::equal_ignore_case(parameter.first, "wsdl") && parameter.second.empty();
         });
}

bool may_be_query(const http::Request& request) {
  return request.method == "GET" || request.method == "POST";
}

common::Result<> read_parameters(Incoming& in, const http::Request& request,
                                 const std::string& body) {
  TRY_VOID(append(in, request.query()));
  if (in.is_form) TRY_VOID(append(in, body));
  const auto twice = [](const std::string& name) {
    return common::Error(RequestErrc::invalid_value, "The parameter " + name + " was given twice");
  };
  for (const auto& [name, value] : in.parameters) {
    if (name != "Action" && name != "Version") continue;
    auto& into = name == "Action" ? in.action : in.caller.version;
    if (!into.empty()) return twice(name);
    into = value;
  }
  return common::ok();
}

}  // namespace angophora::clc
