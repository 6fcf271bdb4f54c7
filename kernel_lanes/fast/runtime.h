/* What every translated kernel stands on: memory that is looked up, counted and checked.

   The structures are those of `layout.py`. A range is memory that the launch may reach; its units
   have shadow bytes (0: may be read) and, where several arrays are interleaved, owners. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define SECTOR_SHIFT 5
#define LIKELY(x) __builtin_expect(!!(x), 1)

struct range {
    uint64_t low, high;      /* addresses */
    uint64_t shadow_low;     /* address of the unit that shadow[0] is about */
    uint8_t *shadow;         /* or 0 */
    const uint8_t *owners;   /* of the units from low on: array + 1; or 0 */
    int64_t shift;           /* log2 of a unit's bytes */
    int64_t first_array;
};

struct array {
    uint64_t low;
    uint32_t *stamps;        /* of each sector: the last access that touched it */
    uint8_t *seen;           /* of each sector: whether a load touched it */
    int64_t load_bytes, load_sectors, unique_load_sectors;
    int64_t store_bytes, store_sectors, atomic_lanes, touched;
};

struct fault {
    int64_t kind;            /* 0 none, 1 out of bounds, 2 not to be read, 3 assertion */
    int64_t does;            /* 1 reads, 2 writes, 3 updates */
    int64_t site, lanes, bad, bits, array;
    uint64_t address;
    int64_t program[3];
};

struct job {
    struct range *ranges;
    int64_t range_count;
    struct array *arrays;
    const int64_t *order;    /* numbers of programs, or 0 */
    int64_t grid[3];
    int64_t flops, most_loaded;
    struct fault fault;
    const uint64_t *arguments; /* bit patterns */
};

static struct job *job;
static struct range *recent;
static uint32_t access_number;
static int64_t program_loaded;
static int64_t lanes_active, lanes_outside, lanes_shaded;
static int32_t program_id[3];

static void begin_access(void) { access_number++; lanes_active = lanes_outside = lanes_shaded = 0; }

static struct range *find(uint64_t address, int64_t size) {
    if (LIKELY(recent && address >= recent->low && address + size <= recent->high)) return recent;
    for (int64_t i = 0; i < job->range_count; i++) {
        struct range *r = job->ranges + i;
        if (address >= r->low && address + size <= r->high) return recent = r;
    }
    return 0;
}

static int outside(uint64_t address) {
    if (!lanes_outside++) job->fault.address = address;
    return 0;
}

static int shaded(struct array *a, int bits, uint64_t address) {
    if (!lanes_shaded++) { job->fault.bits = bits; job->fault.array = a - job->arrays; }
    if (lanes_shaded == 1 && !lanes_outside) job->fault.address = address;
    return 0;
}

/* 1 if a lane may touch an element; does: 1 reads, 2 writes, 3 updates */
static inline int touch(uint64_t address, int64_t size, int does) {
    lanes_active++;
    if (does == 1) program_loaded += size;
    struct range *r = find(address, size);
    if (!r) return outside(address);
    int64_t array = r->first_array;
    if (r->owners) {
        int owner = r->owners[(address - r->low) >> r->shift];
        if (!owner) return outside(address);
        array += owner - 1;
    }
    struct array *a = job->arrays + array;
    a->touched = 1;
    if (r->shadow) {
        uint8_t *shadow = r->shadow + ((address - r->shadow_low) >> r->shift);
        if (does == 2) *shadow = 0;
        else if (*shadow) return shaded(a, *shadow, address);
    }
    if (does == 3) { a->atomic_lanes++; return 1; }
    uint64_t sector = (address >> SECTOR_SHIFT) - (a->low >> SECTOR_SHIFT);
    int fresh = a->stamps[sector] != access_number;
    if (fresh) a->stamps[sector] = access_number;
    if (does == 1) {
        a->load_bytes += size;
        if (fresh) {
            a->load_sectors++;
            if (!a->seen[sector]) { a->seen[sector] = 1; a->unique_load_sectors++; }
        }
    } else {
        a->store_bytes += size;
        a->store_sectors += fresh;
    }
    return 1;
}

/* 1 if the access that has just ended was a fault */
static int end_access(int64_t site, int64_t does) {
    if (LIKELY(!lanes_outside && !lanes_shaded)) return 0;
    struct fault *f = &job->fault;
    f->kind = lanes_outside ? 1 : 2;
    f->does = does, f->site = site, f->lanes = lanes_active;
    f->bad = lanes_outside ? lanes_outside : lanes_shaded;
    return 1;
}

static int failed_assertion(int64_t site) { job->fault.kind = 3; job->fault.site = site; return 1; }

/* Numbers. Half precision lives in floats that hold what half precision can hold. */

#define AS(T, U, name) static inline T name(U x) { T y; memcpy(&y, &x, sizeof y); return y; }
AS(float, uint32_t, float_of_bits)
AS(uint32_t, float, bits_of_float)
AS(double, uint64_t, double_of_bits)
AS(uint64_t, double, bits_of_double)

static inline float widen_bf16(uint16_t b) { return float_of_bits((uint32_t)b << 16); }
static inline uint16_t narrow_bf16(float x) {
    uint32_t u = bits_of_float(x);
    return x != x ? 0x7fc0 : (u + 0x7fff + ((u >> 16) & 1)) >> 16;
}

#ifdef __FLT16_MAX__
static inline float widen_f16(uint16_t b) { _Float16 h; memcpy(&h, &b, 2); return h; }
static inline uint16_t narrow_f16(float x) {
    _Float16 h = x; uint16_t b; memcpy(&b, &h, 2); return b;
}
#else
static inline float widen_f16(uint16_t b) {
    uint32_t sign = (uint32_t)(b & 0x8000) << 16, rest = b & 0x7fff;
    if (rest >= 0x7c00) return float_of_bits(sign | 0x7f800000 | (rest & 0x3ff) << 13);
    float magnitude = float_of_bits(rest << 13) * 0x1p112f; /* subnormals come out right */
    return float_of_bits(sign | bits_of_float(magnitude));
}
static inline uint16_t narrow_f16(float x) {
    uint32_t u = bits_of_float(x), sign = (u >> 16) & 0x8000;
    u &= 0x7fffffff;
    if (u > 0x7f800000) return sign | 0x7e00;
    if (u >= 0x477ff000) return sign | 0x7c00;
    if (u < 0x38800000) /* below the least normal half: let the addition round */
        return sign | (bits_of_float(float_of_bits(u) + 0.5f) - 0x3f000000);
    return sign | ((u - 0x38000000 + 0xfff + ((u >> 13) & 1)) >> 13);
}
#endif
static inline float round_f16(float x) { return widen_f16(narrow_f16(x)); }
static inline float round_bf16(float x) { return widen_bf16(narrow_bf16(x)); }

#define MEMORY(name, T)                                                                        \
    static inline T get_##name(uint64_t p) { T x; memcpy(&x, (void *)p, sizeof x); return x; } \
    static inline void put_##name(uint64_t p, T x) { memcpy((void *)p, &x, sizeof x); }
MEMORY(i8, int8_t)
MEMORY(i16, int16_t)
MEMORY(i32, int32_t)
MEMORY(i64, int64_t)
MEMORY(u16, uint16_t)
MEMORY(f32, float)
MEMORY(f64, double)
MEMORY(ptr, uint64_t)
static inline uint8_t get_i1(uint64_t p) { return *(uint8_t *)p != 0; }
static inline void put_i1(uint64_t p, uint8_t x) { *(uint8_t *)p = x; }
static inline float get_f16(uint64_t p) { return widen_f16(get_u16(p)); }
static inline void put_f16(uint64_t p, float x) { put_u16(p, narrow_f16(x)); }
static inline float get_bf16(uint64_t p) { return widen_bf16(get_u16(p)); }
static inline void put_bf16(uint64_t p, float x) { put_u16(p, narrow_bf16(x)); }

/* Division by zero is undefined on a GPU; it must not end the process here. */
static inline int64_t div_s(int64_t a, int64_t b) { return b == 0 ? 0 : b == -1 ? -(uint64_t)a : a / b; }
static inline int64_t rem_s(int64_t a, int64_t b) { return b == 0 || b == -1 ? 0 : a % b; }
static inline uint64_t div_u(uint64_t a, uint64_t b) { return b ? a / b : 0; }
static inline uint64_t rem_u(uint64_t a, uint64_t b) { return b ? a % b : 0; }
static inline int32_t div_s32(int32_t a, int32_t b) { return b == 0 ? 0 : b == -1 ? -(uint32_t)a : a / b; }
static inline int32_t rem_s32(int32_t a, int32_t b) { return b == 0 || b == -1 ? 0 : a % b; }

/* Functions, not macros: an operand may be a long expression. */
#define INTEGERS(T)                                                    \
    static inline T max_##T(T a, T b) { return a > b ? a : b; }         \
    static inline T min_##T(T a, T b) { return a < b ? a : b; }         \
    static inline T abs_##T(T a) { return a < 0 ? -(uint64_t)a : a; }
INTEGERS(int8_t) INTEGERS(int16_t) INTEGERS(int32_t) INTEGERS(int64_t)
INTEGERS(uint8_t) INTEGERS(uint16_t) INTEGERS(uint32_t) INTEGERS(uint64_t)
static inline uint8_t differs(double a, double b) { return a < b || a > b; }
static inline uint8_t is_ordered(double a, double b) { return a == a && b == b; }
static inline int64_t floor_div(int64_t a, int64_t b) { return div_s(a, b) - (rem_s(a, b) && (a ^ b) < 0); }
/* maxnum ignores a NaN, maximum passes it on */
#define FLOATS(T, s)                                                                             \
    static inline T maxnum##s(T a, T b) { return a != a ? b : b != b ? a : a > b ? a : b; }      \
    static inline T minnum##s(T a, T b) { return a != a ? b : b != b ? a : a < b ? a : b; }      \
    static inline T maximum##s(T a, T b) { return a != a ? a : b != b ? b : a > b ? a : b; }     \
    static inline T minimum##s(T a, T b) { return a != a ? a : b != b ? b : a < b ? a : b; }
FLOATS(float, f)
FLOATS(double, )
