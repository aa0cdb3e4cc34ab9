// From parameters to typed requests. A request is a struct; a list of Param says which parameter
// fills which member. Whatever the client sent and no Param names is refused by name.
//
//   struct Request {
//     std::string key_name;
//     std::vector<GroupId> groups;                 // SecurityGroupId.1, .2 ... (or from 0)
//     std::optional<std::uint32_t> count;          // left empty when not sent
//     Base64 user_data;                            // decoded bytes
//     Placement placement;                         // nested: has `static auto params()`
//     Filters filters;
//     Paging paging;
//   };
//   constexpr Param<Request> kParams[] = {
//       required<&Request::key_name>("KeyName"),
//       optional<&Request::groups>("SecurityGroupId"),
//       filters<&Request::filters>(),
//       max_results<&Request::paging>(), next_token<&Request::paging>(),
//       refused<Request>("ElasticGpuSpecification", "there are no elastic GPUs"),
//   };
//
// Members may be std::string, Id, bool, any integer, SysTime, Base64, ClientToken, enums that have
// `constexpr auto wire_names(E)` (an array of {text, value}), structs with params(), and
// std::optional and std::vector of these. A parameter that was not sent leaves its member alone.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "clc/actions/param_shape.h"
#include "clc/actions/parameters.h"
#include "clc/domain/errors.h"
#include "common/base/id.h"
#include "common/base/text.h"
#include "common/base/time.h"

namespace angophora::clc {

// Bytes that travel as base64.
struct Base64 {
  std::string bytes;
  bool empty() const { return bytes.empty(); }
};

// Makes a repeated request give the first one's answer; see client_token.h.
struct ClientToken {
  std::string value;       // "" when none was sent
  std::string parameters;  // the rest of the request: a repetition must equal it
};

struct Filter {
  std::string name;
  std::vector<std::string> values;
};
using Filters = std::vector<Filter>;

struct Paging {
  std::optional<std::int64_t> max_results;
  std::string next_token;
};

template <class Request>
struct Param {
  const char* name;
  Need need;
  Result<> (*read)(Request& request, Parameters::Node& node);
  const char* reason = nullptr;                   // of a refusal
  void (*describe)(ParamShape& shape) = nullptr;  // what it may hold; none of a refusal
};

Error missing_parameter(std::string_view path);
Error unknown_parameter(std::string_view path);
Error invalid_value(std::string_view path, std::string_view value, std::string_view expected);

// What `params` are, for those who must know it without a request.
template <class Request>
std::vector<ParamShape> shapes_of(std::span<const Param<Request>> params) {
  std::vector<ParamShape> shapes;
  for (const auto& param : params) {
    ParamShape shape{param.name, param.need};
    if (param.describe) param.describe(shape);
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

namespace bind_detail {

using Node = Parameters::Node;

Result<> read_text(const Node& node, std::string_view text, std::string& into);
Result<> read_text(const Node& node, std::string_view text, bool& into);
Result<> read_text(const Node& node, std::string_view text, common::SysTime& into);
Result<> read_text(const Node& node, std::string_view text, Base64& into);

template <class Tag>
Result<> read_text(const Node&, std::string_view text, common::Id<Tag>& into) {
  into.value = std::string(text);
  return common::ok();
}
template <class Integer>
requires std::is_integral_v<Integer> Result<> read_text(const Node& node, std::string_view text,
                                                        Integer& into) {
  const auto number = common::parse_number<Integer>(text);
  if (!number) return invalid_value(node.path, text, "a whole number");
  into = *number;
  return common::ok();
}
template <class Enum>
requires std::is_enum_v<Enum> Result<> read_text(const Node& node, std::string_view text,
                                                 Enum& into) {
  std::string known;
  for (const auto& [name, value] : wire_names(Enum{})) {
    if (text == name) {
      into = value;
      return common::ok();
    }
    known.append(known.empty() ? "" : ", ").append(name);
  }
  return invalid_value(node.path, text, "one of " + known);
}

// The elements of a list: its numbered children, or its own value (Filter.1.Value=x), also below
// ".member" as IAM's lists have it. Fails on a child that is no number.
Result<std::vector<Node*>> elements(Node& node);
Result<std::string_view> text_of(const Node& node);
// True when something is there that says something: a value that is not "", or children.
bool says_something(const Node& node);
// The first child that none of `names` names, as an error.
Result<> refuse_unknown(const Node& node, const std::vector<const char*>& names);

template <class T>
concept Structure = requires {
  T::params();
};

template <class Request>
Result<> read_structure(Node& node, std::span<const Param<Request>> params, Request& into);

template <class T>
Result<> read(Node& node, T& into) {
  TRY(const auto text, text_of(node));
  return read_text(node, text, into);
}
template <Structure T>
Result<> read(Node& node, T& into) {
  const auto params = T::params();
  if (node.value) return unknown_parameter(node.path);
  return read_structure<T>(node, std::span<const Param<T>>(params), into);
}
template <class T>
Result<> read(Node& node, std::vector<T>& into);
template <class T>
Result<> read(Node& node, std::optional<T>& into) {
  T value{};
  TRY_VOID(read(node, value));
  into = std::move(value);
  return common::ok();
}
template <class T>
Result<> read(Node& node, std::vector<T>& into) {
  TRY(const auto nodes, elements(node));
  for (auto* element : nodes) {
    T value{};
    TRY_VOID(read(*element, value));
    into.push_back(std::move(value));
  }
  return common::ok();
}

template <class Request>
Result<> read_structure(Node& node, std::span<const Param<Request>> params, Request& into) {
  std::vector<const char*> names;
  for (const auto& param : params) names.push_back(param.name);
  TRY_VOID(refuse_unknown(node, names));
  for (const auto& param : params) {
    const auto found = node.children.find(param.name);
    const bool there = found != node.children.end();
    if (param.need == Need::required && (!there || !says_something(found->second)))
      return missing_parameter(node.path_of(param.name));
    if (!there) continue;
    if (param.need == Need::refused)
      return Error(RequestErrc::unsupported_parameter,
                   "The parameter " + found->second.path + " is not supported: " + param.reason);
    TRY_VOID(param.read(into, found->second));
  }
  return common::ok();
}

// What a member of type T may hold.
template <class T>
struct Describe {
  static void into(ParamShape& shape) {
    if constexpr (Structure<T>) {
      const auto params = T::params();
      shape.kind = ParamKind::structure;
      shape.members = shapes_of(std::span<const Param<T>>(params));
    } else if constexpr (std::is_same_v<T, bool>) {
      shape.kind = ParamKind::boolean;
    } else if constexpr (std::is_integral_v<T>) {
      shape.kind = ParamKind::number;
    } else if constexpr (std::is_same_v<T, common::SysTime>) {
      shape.kind = ParamKind::time;
    } else if constexpr (std::is_same_v<T, Base64>) {
      shape.kind = ParamKind::base64;
    } else {
      shape.kind = ParamKind::text;
      if constexpr (std::is_enum_v<T>)
        for (const auto& [name, value] : wire_names(T{})) shape.values.emplace_back(name);
    }
  }
};
template <class T>
struct Describe<std::optional<T>> : Describe<T> {};
template <class T>
struct Describe<std::vector<T>> {
  static void into(ParamShape& shape) {
    Describe<T>::into(shape);
    shape.is_list = true;
  }
};

template <auto Member>
struct MemberOf;
template <class Request, class T, T Request::*Member>
struct MemberOf<Member> {
  using Class = Request;
  static Result<> read_member(Request& request, Node& node) { return read(node, request.*Member); }
  // Not a function of this class: with nothing but a nameless class in its name g++ 12 would take
  // those of two files for the same.
  static constexpr auto describe = &Describe<T>::into;
};

}  // namespace bind_detail

template <auto Member>
constexpr auto required(const char* name) {
  using M = bind_detail::MemberOf<Member>;
  return Param<typename M::Class>{name, Need::required, &M::read_member, nullptr, M::describe};
}

template <auto Member>
constexpr auto optional(const char* name) {
  using M = bind_detail::MemberOf<Member>;
  return Param<typename M::Class>{name, Need::optional, &M::read_member, nullptr, M::describe};
}

// A parameter that EC2 knows and this cloud does not offer: "... is not supported: REASON".
template <class Request>
constexpr Param<Request> refused(const char* name, const char* reason) {
  return {name, Need::refused, nullptr, reason};
}

namespace bind_detail {
Result<> read_filters(Node& node, Filters& into);
Result<> read_client_token(Node& node, std::string& into);
void describe_filters(ParamShape& shape);
void describe_number(ParamShape& shape);
void describe_text(ParamShape& shape);
}  // namespace bind_detail

// Filter.1.Name, Filter.1.Value.1 ...
template <auto Member>
constexpr auto filters() {
  using M = bind_detail::MemberOf<Member>;
  using Request = typename M::Class;
  return Param<Request>{"Filter", Need::optional,
                        [](Request& request, Parameters::Node& node) {
                          return bind_detail::read_filters(node, request.*Member);
                        },
                        nullptr, &bind_detail::describe_filters};
}
template <auto Member>
constexpr auto max_results(const char* name = "MaxResults") {
  using Request = typename bind_detail::MemberOf<Member>::Class;
  return Param<Request>{name, Need::optional,
                        [](Request& request, Parameters::Node& node) {
                          return bind_detail::read(node, (request.*Member).max_results);
                        },
                        nullptr, &bind_detail::describe_number};
}
template <auto Member>
constexpr auto next_token(const char* name = "NextToken") {
  using Request = typename bind_detail::MemberOf<Member>::Class;
  return Param<Request>{name, Need::optional,
                        [](Request& request, Parameters::Node& node) {
                          return bind_detail::read(node, (request.*Member).next_token);
                        },
                        nullptr, &bind_detail::describe_text};
}
// ClientToken, with the rest of the request beside it.
template <auto Member>
constexpr auto client_token() {
  using Request = typename bind_detail::MemberOf<Member>::Class;
  return Param<Request>{"ClientToken", Need::optional,
                        [](Request& request, Parameters::Node& node) {
                          return bind_detail::read_client_token(node, (request.*Member).value);
                        },
                        nullptr, &bind_detail::describe_text};
}

// For actions without parameters.
template <class Request>
inline constexpr std::array<Param<Request>, 0> kNoParams{};

// The request that `parameters` make. RequestErrc with the parameter's name for all that is wrong.
template <class Request>
Result<Request> bind(Parameters& parameters, std::span<const Param<Request>> params) {
  Request request{};
  TRY_VOID(bind_detail::read_structure(parameters.root(), params, request));
  if constexpr (requires { request.client_token.parameters; })
    request.client_token.parameters = parameters.root().canonical;
  return request;
}

}  // namespace angophora::clc
