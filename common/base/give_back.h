// Ownership of a C library's handles: the handle is owned on the line that receives it.
//
//   using Domain = std::unique_ptr<virDomain, GiveBack<virDomainFree>>;
//   Domain domain{virDomainLookupByName(&connection, name.c_str())};
#pragma once

#include <memory>

namespace angophora::common {

template <auto Free>
struct GiveBack {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

}  // namespace angophora::common
