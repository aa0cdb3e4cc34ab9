#include "clc/http/front_door.h"

#include <algorithm>

#include "clc/http/audit.h"
#include "clc/http/authentication.h"
#include "clc/http/authorization.h"
#include "clc/http/envelope.h"
#include "clc/http/incoming.h"
#include "clc/http/refusal.h"
#include "clc/http/wire_errors.h"
#include "clc/soap/soap_parameters.h"
#include "clc/soap/user_request.h"
#include "clc/soap/wsdl.h"
#include "common/log/log.h"

namespace angophora::clc {
namespace {

constexpr char kXmlType[] = "text/xml;charset=UTF-8";

// The SOAPAction header without its quotes.
std::string soap_action(const http::Request& request) {
  std::string_view value = request.headers.get("SOAPAction");
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return std::string(value);
}

Error refusal_of(const Incoming& in) {
  switch (in.route.kind) {
    case RouteKind::missing_action:
      return {RequestErrc::missing_action, "The request is missing an Action parameter"};
    case RouteKind::other_service:
      return {RequestErrc::unsupported_operation,
              "This cloud does not offer the service " + in.route.service};
    case RouteKind::unknown_path:
      return {RequestErrc::unknown_path, "There is no service at the path " + in.path};
    default:
      break;
  }
  return {RequestErrc::unknown_action,
          "The action " + in.action + " is not valid for this web service."};
}

http::Response text_response(int status, std::string type, std::string body,
                             const std::string& request_id) {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", std::move(type));
  response.headers.set("x-amzn-RequestId", request_id);
  response.body = std::move(body);
  return response;
}

// Only what is wrong with the cloud itself is an error; a full zone is not.
log::Level level_of(int status, const std::string& action, bool is_internal) {
  if (is_internal) return log::Level::error;
  const bool reads = action.starts_with("Describe") || action.starts_with("Get");
  return status < 400 && reads ? log::Level::debug : log::Level::info;
}

}  // namespace

FrontDoor::FrontDoor(Services& services, admin::Metrics& metrics, FrontDoorOptions options)
    : services_(services), metrics_(metrics), options_(options) {}

boost::asio::awaitable<http::Response> FrontDoor::handle(http::Request& request) {
  const auto started = services_.runtime.steady_now();
  Incoming in = begin_request(request, services_.runtime);
  Result<Reply> outcome = Error(common::Errc::internal, "the request was not run");
  try {
    outcome = co_await run(in, request);
  } catch (const std::exception& e) {
    outcome = Error(common::Errc::internal, e.what());
  }
  co_await record(in, request, outcome);
  auto response = answer(in, outcome);
  // A SOAP fault is 500 on the wire whatever is wrong.
  const bool is_fault = in.is_soap && !outcome;
  const int status = is_fault ? wire_fault(in.route.api, outcome.error()).status : response.status;
  note(in, status, outcome, services_.runtime.steady_now() - started);
  co_return response;
}

Task<std::string> FrontDoor::read_body(http::Request& request) {
  const auto body_max = options_.body_bytes_max;
  if (!may_be_query(request)) co_return std::string();
  auto bytes = co_await request.body->read_all(body_max);
  if (!bytes && bytes.error().code == common::Errc::limit_exceeded)
    co_return Error(RequestErrc::too_large,
                    "The request has more than " + std::to_string(body_max) + " bytes");
  if (!bytes && bytes.error().code == common::Errc::timed_out)
    co_return Error(RequestErrc::body_timed_out, "The request's body did not come in time");
  if (!bytes && bytes.error().code == common::Errc::corrupt)
    co_return Error(RequestErrc::invalid_value, "The request's body: " + bytes.error().message);
  co_return bytes;
}

Task<Reply> FrontDoor::run(Incoming& in, http::Request& request) {
  CO_TRY(auto body, co_await read_body(request));
  CO_TRY_VOID(read_parameters(in, request, body));
  in.route = route(in.routing(request));
  if (in.route.kind == RouteKind::s3) co_return Reply();
  if (in.is_soap) co_return co_await run_message(in, request, std::move(body));
  if (in.route.kind == RouteKind::missing_action && in.route.api == Api::ec2 &&
      wants_wsdl(in, request)) {
    in.wsdl = ec2_wsdl(in.caller.version, in.caller.endpoint + in.path);
    co_return Reply();
  }
  if (in.route.kind != RouteKind::action) co_return refusal_of(in);

  const Action& action = *in.route.action;
  auto signed_parts = signed_request(request, body, in.is_form);
  CO_TRY(in.caller, co_await authenticate(services_, std::move(signed_parts), in.caller));
  if (options_.audit) in.audited = audit_parameters(in.parameters);
  CO_TRY_VOID(admit(in));
  CO_TRY(auto parameters, Parameters::parse(std::move(in.parameters)));
  auto facts = facts_of(request);
  CO_TRY_VOID(
      co_await authorize(services_, policies_, action, in.caller, parameters, std::move(facts)));
  co_return co_await action.run(services_, in.caller, std::move(parameters));
}

// The same actions for users who sign with their certificate. All that counts is taken from the
// signed Body.
Task<Reply> FrontDoor::run_message(Incoming& in, http::Request& request, std::string body) {
  if (in.route.kind == RouteKind::other_service || in.route.kind == RouteKind::unknown_path)
    co_return refusal_of(in);
  if (in.route.api != Api::ec2)
    co_return Error(RequestErrc::unsupported_operation, "SOAP is offered for EC2 alone");
  if (!in.parameters.empty())
    co_return Error(UserMessageErrc::malformed, "A SOAP request has no parameters in its URL");

  CO_TRY(auto asked, co_await authenticate_message(services_, std::move(body), in.caller));
  in.caller = asked.caller;
  in.action = asked.action;
  const auto* action = find_action(Api::ec2, in.action);
  in.route = {action ? RouteKind::action : RouteKind::unknown_action, Api::ec2, action, {}};
  if (!action) co_return refusal_of(in);
  const auto header = soap_action(request);
  if (!header.empty() && header != in.action)
    co_return Error(UserMessageErrc::malformed,
                    "SOAPAction is " + header + ", the Body holds " + in.action);
  CO_TRY(auto pairs, query_of_message(*action, asked.message));
  if (options_.audit) in.audited = audit_parameters(pairs);
  CO_TRY_VOID(admit(in));
  CO_TRY(auto parameters, Parameters::parse(std::move(pairs)));
  auto facts = facts_of(request);
  CO_TRY_VOID(
      co_await authorize(services_, policies_, *action, in.caller, parameters, std::move(facts)));
  CO_TRY_VOID(co_await remember_message(services_, std::move(asked.trace)));
  co_return co_await action->run(services_, in.caller, std::move(parameters));
}

// Who runs the cloud must get through when it is in trouble.
Result<> FrontDoor::admit(const Incoming& in) {
  if (in.caller.cloud_administrator) return common::ok();
  const auto number = [this](const char* name) {
    return static_cast<double>(services_.properties.number(name));
  };
  const Rate rate{number("cloud.requests_per_second"), number("cloud.requests_burst")};
  return throttle_.take(in.caller.account, in.route.api, rate, services_.runtime.steady_now());
}

// Of those whose signature was good: what a stranger sends would drive the others out of the log.
boost::asio::awaitable<void> FrontDoor::record(const Incoming& in, const http::Request& request,
                                               const Result<Reply>& outcome) {
  if (!options_.audit || in.caller.account.empty()) co_return;
  auto call = audit_call(in, request, outcome, services_.config.region_name);
  call.time = services_.runtime.now();
  call.event_id = new_request_id(services_.runtime);
  auto text = audit::to_json(call);
  co_await options_.audit->append(std::move(text));
}

http::Response FrontDoor::answer(const Incoming& in, const Result<Reply>& outcome) {
  const auto& id = in.caller.request_id;
  if (outcome && in.route.kind == RouteKind::s3) {
    const auto scheme = in.caller.endpoint.substr(0, in.caller.endpoint.find("//"));
    const auto endpoint = scheme + "//" + in.host_name + ":" + std::to_string(options_.s3_port);
    auto response = text_response(301, "application/xml", render_s3_redirect(endpoint, id), id);
    response.headers.set("Location", endpoint + in.target);
    response.close = true;  // a body that was sent is not read
    return response;
  }
  if (outcome && !in.wsdl.empty()) return text_response(200, kXmlType, in.wsdl, id);
  const EnvelopeContext context{in.route.api, in.action, in.caller.version, id, in.is_soap};
  if (outcome) return text_response(200, kXmlType, render_reply(context, outcome.value()), id);
  const auto fault = wire_fault(in.route.api, outcome.error());
  if (in.is_json)
    return text_response(fault.status, "application/x-amz-json-1.0", render_json_fault(fault), id);
  auto response =
      text_response(status_of(context, fault), kXmlType, render_fault(context, fault), id);
  response.close = outcome.error().code == RequestErrc::too_large;
  return response;
}

void FrontDoor::note(const Incoming& in, int status, const Result<Reply>& outcome,
                     common::Duration took) {
  const std::string name = in.route.action ? in.route.action->name : "none";
  const double seconds = std::chrono::duration<double>(took).count();
  metrics_
      .counter("clc_requests_total", "Requests answered.",
               {{"action", name}, {"status", std::to_string(status)}})
      .add();
  metrics_
      .histogram("clc_request_seconds", "Time from a request's header to its answer.",
                 {{"action", name}})
      .observe(seconds);
  const auto took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  const std::string reason(outcome ? "" : without_message(outcome.error().message));
  bool is_internal = false;
  if (!outcome) (void)wire_fault(in.route.api, outcome.error(), &is_internal);
  log::write(level_of(status, name, is_internal), "request.answered",
             {{"request_id", in.caller.request_id},
              {"action", in.action.empty() ? name : in.action},
              {"status", status},
              {"account", in.caller.account},
              {"user", in.caller.user_name},
              {"peer", in.peer},
              {"took_ms", took_ms},
              {"reason", reason}});
}

http::Response refuse_malformed(common::Runtime& runtime, int status, std::string_view reason) {
  const auto id = new_request_id(runtime);
  const WireFault fault{status == 503   ? "Unavailable"
                        : status >= 500 ? "InternalError"
                                        : "InvalidRequest",
                        std::string(reason), status};
  return text_response(status, kXmlType, render_fault({Api::ec2, {}, {}, id}, fault), id);
}

}  // namespace angophora::clc
