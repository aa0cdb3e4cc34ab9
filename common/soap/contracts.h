// The operations of wsdl/*.wsdl as C++: one tag type per operation, with the types of its request
// and reply and its names on the wire.
//
//   soap::node::RunInstances::Request request;      // node__RunInstancesType from <soapStub.h>
//   request.instances.push_back(spec);
//   CO_TRY(auto reply, co_await soap::call<soap::node::RunInstances>(channel, to, request));
//
// Requests and replies are plain values: they copy freely and need nothing of gSOAP to live. An
// optional element is a std::optional, a repeated one a std::vector, a binary one a std::string of
// the raw bytes. A required element of class type is a plain member. Text must be valid UTF-8
// without control characters.
#pragma once

#include <soapStub.h>

#include <any>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/soap/role.h"

namespace angophora::soap {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;

// A request or reply whose type only its operation knows.
class Message {
 public:
  Message() = default;
  template <class T>
  requires(!std::is_same_v<std::decay_t<T>, Message>) explicit Message(T&& value)
      : value_(std::forward<T>(value)) {}

  // The value when it is a T, else null.
  template <class T>
  T* get() {
    return std::any_cast<T>(&value_);
  }
  template <class T>
  const T* get() const {
    return std::any_cast<T>(&value_);
  }

 private:
  std::any value_;
};

// An operation as the wire knows it, and the way of its messages to XML and back. The functions
// may be called by any thread; the XML is one element, in exclusive canonical form when it comes
// from encode. Errc::invalid_argument when a value cannot be written, Errc::corrupt when the XML is
// not such a message.
struct Operation {
  std::string_view contract;    // node
  std::string_view service;     // Node, as in /services/Node
  std::string_view name;        // RunInstances
  std::string_view name_space;  // urn:angophora:node:1
  std::string_view action;      // urn:angophora:node:1/RunInstances
  Result<std::string> (*encode_request)(const Message&);
  Result<Message> (*decode_request)(std::string_view xml);
  Result<std::string> (*encode_reply)(const Message&);
  Result<Message> (*decode_reply)(std::string_view xml);
};

// All operations, in the order of contracts.inc.
const std::vector<const Operation*>& operations();

#define OPERATION(contract, service, name)                                          \
  namespace contract {                                                              \
  struct name {                                                                     \
    using Request = contract##__##name##Type;                                       \
    using Reply = contract##__##name##ResponseType;                                 \
    static constexpr std::string_view kName = #name;                                \
    static constexpr std::string_view kNamespace = "urn:angophora:" #contract ":1"; \
    static const Operation kOperation;                                              \
  };                                                                                \
  }
#include "common/soap/contracts.inc"
#undef OPERATION

}  // namespace angophora::soap
