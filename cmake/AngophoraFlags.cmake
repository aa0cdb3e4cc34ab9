# The flags of all our code. Generated code links angophora_flags_quiet instead.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# -O1 in release keeps the clean build short; hot loops raise it in their own folder.
set(CMAKE_CXX_FLAGS_RELEASE "-O1 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

find_program(CCACHE ccache)
if(CCACHE)
  # Without this it takes no file that has a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(angophora_flags_quiet INTERFACE)
target_include_directories(angophora_flags_quiet INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(angophora_flags_quiet INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_compile_options(angophora_flags_quiet INTERFACE
  -ffunction-sections -fdata-sections
  # No path of the build machine in what is shipped; debug builds share a ccache between checkouts.
  $<$<CONFIG:Release>:-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=>)
target_link_options(angophora_flags_quiet INTERFACE -Wl,--gc-sections)
target_link_libraries(angophora_flags_quiet INTERFACE Threads::Threads)
if(ANGOPHORA_SANITIZE)
  target_compile_options(angophora_flags_quiet INTERFACE
    -fsanitize=${ANGOPHORA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
    # clang 14 cannot put this one into coroutines.
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  # With g++ these two make a third of the compile time: AddressSanitizer stops at a null pointer
  # by itself, and the fuzz targets, built by clang, look at alignment.
  target_compile_options(angophora_flags_quiet INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-fno-sanitize=null,alignment>)
  find_program(LLD ld.lld)
  if(LLD)
    target_link_options(angophora_flags_quiet INTERFACE -fuse-ld=lld)
  endif()
  string(REPLACE "fuzzer-no-link," "" link_sanitizers ${ANGOPHORA_SANITIZE})
  target_link_options(angophora_flags_quiet INTERFACE -fsanitize=${link_sanitizers})
endif()

add_library(angophora_flags INTERFACE)
target_link_libraries(angophora_flags INTERFACE angophora_flags_quiet)
# g++ 12 with optimisation takes the frames of Asio's coroutines for a wrongly paired new and delete, and
# behind a precompiled header warns of std::string + "literal" in its own library.
target_compile_options(angophora_flags INTERFACE -Wall -Wextra -Wshadow -Werror
  $<$<CONFIG:Release>:-Wno-mismatched-new-delete>)
if(ANGOPHORA_PRECOMPILE)
  target_compile_options(angophora_flags INTERFACE $<$<CONFIG:Release>:-Wno-array-bounds>
    $<$<CONFIG:Release>:-Wno-stringop-overflow> $<$<CONFIG:Release>:-Wno-stringop-overread>
    $<$<CONFIG:Release>:-Wno-restrict>)
endif()
if(ANGOPHORA_UNITY)
  # What is nameless in a file counts as a header's in such a batch.
  target_compile_options(angophora_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
