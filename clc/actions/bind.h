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

// A parameter, whatever request it fills: what reads and describes requests is compiled once.
struct AnyParam {
  const char* name;
  Need need;
  Result<> (*read)(void* request, Parameters::Node& node);
  const char* reason = nullptr;                   // of a refusal
  void (*describe)(ParamShape& shape) = nullptr;  // what it may hold; none of a refusal
};
template <class Request>
struct Param : AnyParam {};

// A view of an array of Param<Request>.
class ParamList {
 public:
  template <class Request>
  constexpr ParamList(std::span<const Param<Request>> params)
      : first_(params.data()), size_(params.size()), at_(&element<Request>) {}
  std::size_t size() const { return size_; }
  const AnyParam& operator[](std::size_t i) const { return at_(first_, i); }

 private:
  template <class Request>
  static const AnyParam& element(const void* first, std::size_t i) {
    return static_cast<const Param<Request>*>(first)[i];
  }
  const void* first_;
  std::size_t size_;
  const AnyParam& (*at_)(const void* first, std::size_t i);
};

Error missing_parameter(std::string_view path);
Error unknown_parameter(std::string_view path);
Error invalid_value(std::string_view path, std::string_view value, std::string_view expected);

// What `params` are, for those who must know it without a request.
std::vector<ParamShape> shapes_of(ParamList params);
template <class Request>
std::vector<ParamShape> shapes_of(std::span<const Param<Request>> params) {
  return shapes_of(ParamList(params));
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
Result<> read_structure(Node& node, ParamList params, void* into);

template <class T>
concept Structure = requires {
  T::params();
};

template <class T>
Result<> read(Node& node, T& into) {
  TRY(const auto text, text_of(node));
  return read_text(node, text, into);
}
template <Structure T>
Result<> read(Node& node, T& into) {
  const auto params = T::params();
  if (node.value) return unknown_parameter(node.path);
  return read_structure(node, std::span<const Param<T>>(params), &into);
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

Result<> read_filters(Node& node, Filters& into);
Result<> read_client_token(Node& node, std::string& into);
void describe_filters(ParamShape& shape);
void describe_number(ParamShape& shape);
void describe_text(ParamShape& shape);

// How to fill one member. The request's class is a parameter of its own: with a nameless class in
// nothing but the pointer to its member g++ 12 would take the functions of two files for the same.
template <class Request, class T, T Request::*Member>
struct Filler {
  static T& member(void* request) { return static_cast<Request*>(request)->*Member; }
  static Result<> value(void* request, Node& node) { return read(node, member(request)); }
  static Result<> filters(void* request, Node& node) { return read_filters(node, member(request)); }
  static Result<> max_results(void* request, Node& node) {
    return read(node, member(request).max_results);
  }
  static Result<> next_token(void* request, Node& node) {
    return read(node, member(request).next_token);
  }
  static Result<> client_token(void* request, Node& node) {
    return read_client_token(node, member(request).value);
  }
};

template <auto Member>
struct MemberOf;
template <class Request, class T, T Request::*Member>
struct MemberOf<Member> {
  using Class = Request;
  using Fill = Filler<Request, T, Member>;
  static constexpr auto describe = &Describe<T>::into;
};

}  // namespace bind_detail

template <auto Member>
constexpr auto required(const char* name) {
  using M = bind_detail::MemberOf<Member>;
  return Param<typename M::Class>{{name, Need::required, &M::Fill::value, nullptr, M::describe}};
}

template <auto Member>
constexpr auto optional(const char* name) {
  using M = bind_detail::MemberOf<Member>;
  return Param<typename M::Class>{{name, Need::optional, &M::Fill::value, nullptr, M::describe}};
}

// A parameter that EC2 knows and this cloud does not offer: "... is not supported: REASON".
template <class Request>
constexpr Param<Request> refused(const char* name, const char* reason) {
  return {{name, Need::refused, nullptr, reason}};
}

// Filter.1.Name, Filter.1.Value.1 ...
template <auto Member>
constexpr auto filters() {
  using M = bind_detail::MemberOf<Member>;
  return Param<typename M::Class>{
      {"Filter", Need::optional, &M::Fill::filters, nullptr, &bind_detail::describe_filters}};
}
template <auto Member>
constexpr auto max_results(const char* name = "MaxResults") {
  using M = bind_detail::MemberOf<Member>;
  return Param<typename M::Class>{
      {name, Need::optional, &M::Fill::max_results, nullptr, &bind_detail::describe_number}};
}
template <auto Member>
constexpr auto next_token(const char* name = "NextToken") {
  using M = bind_detail::MemberOf<Member>;
  return Param<typename M::Class>{
      {name, Need::optional, &M::Fill::next_token, nullptr, &bind_detail::describe_text}};
}
// ClientToken, with the rest of the request beside it.
template <auto Member>
constexpr auto client_token() {
  using M = bind_detail::MemberOf<Member>;
  return Param<typename M::Class>{{"ClientToken", Need::optional, &M::Fill::client_token, nullptr,
                                   &bind_detail::describe_text}};
}

// For actions without parameters.
template <class Request>
inline constexpr std::array<Param<Request>, 0> kNoParams{};

// Fills the request from `parameters`. RequestErrc with the parameter's name for all that is wrong.
template <class Request>
Result<> bind(Parameters& parameters, std::span<const Param<Request>> params, Request& into) {
  if constexpr (requires { into.client_token.parameters; })
    into.client_token.parameters = parameters.root().canonical;
  return bind_detail::read_structure(parameters.root(), params, &into);
}

}  // namespace angophora::clc
