// One request on its way through the front door: what was read of it so far.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "clc/domain/caller.h"
#include "clc/http/routing.h"
#include "common/http/http.h"
#include "common/runtime/runtime.h"

namespace angophora::clc {

struct Incoming {
  Caller caller;  // request id, endpoint and version first; the rest once the signature is checked
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<std::pair<std::string, std::string>> audited;  // what the audit log shows of them
  std::string action;
  std::string target, path;  // as sent
  std::string host_name;     // without the port
  std::string peer;
  bool is_form = false;  // the body is parameters
  bool is_json = false;  // one of the JSON protocols, which get their failures in JSON
  bool is_soap = false;  // a SOAP message
  std::string wsdl;      // the answer to one who asks for the description of the SOAP interface
  Route route;

  RoutingInput routing(const http::Request& request) const;
};

// A random UUID, in small letters.
std::string new_request_id(common::Runtime& runtime);

Incoming begin_request(const http::Request& request, common::Runtime& runtime);
// Whether somebody asks for the description of the SOAP interface.
bool wants_wsdl(const Incoming& in, const http::Request& request);
// Whether the body is worth reading: PUT, DELETE and HEAD are S3's.
bool may_be_query(const http::Request& request);
// The parameters of query and form. RequestErrc::invalid_value for broken escapes.
common::Result<> read_parameters(Incoming& in, const http::Request& request,
                                 const std::string& body);

}  // namespace angophora::clc
