// Which API a request is for: by path, Host, Action, Version and credential scope, in that order of
// trust, because one URL must be enough and clients send odd scopes. Pure.
#pragma once

#include <optional>
#include <string>

#include "clc/actions/action_table.h"
#include "common/http/http.h"

namespace angophora::clc {

struct RoutingInput {
  std::string method;
  std::string path;    // decoded or not: only plain letters matter
  std::string host;    // the Host header, port and all
  std::string action;  // of the parameters, "" when there is none
  std::string version;
  std::string authorization;  // the header
  std::string scope_service;  // of a V4 credential scope, "" when there is none
  bool is_json = false;       // carries X-Amz-Target: a JSON protocol
};

enum class RouteKind {
  action,          // `action` is the one to run
  unknown_action,  // of an API that we serve
  missing_action,
  other_service,  // a service of AWS or Eucalyptus that this cloud does not offer
  unknown_path,
  s3,  // for Walrus
};

struct Route {
  RouteKind kind = RouteKind::missing_action;
  Api api = Api::ec2;  // whose envelope answers
  const Action* action = nullptr;
  std::string service;  // RouteKind::other_service: its name
};

Route route(const RoutingInput& input);

}  // namespace angophora::clc
