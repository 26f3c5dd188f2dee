using System.Globalization;
using System.Numerics;
using Broker.Contracts.Messages;

namespace Broker.Primitives.States;

/// <summary>
/// Adds numbers that are kept as JSON. The operation names their .NET type, for that decides what overflows; JSON itself has one kind of number. A number that was never set
/// counts as zero.
/// </summary>
internal static class Numbers
{
    private static readonly Dictionary<string, Func<RawJson, RawJson, object>> Sums = new()
    {
        [NameOf<sbyte>()] = Sum<sbyte>,
        [NameOf<byte>()] = Sum<byte>,
        [NameOf<short>()] = Sum<short>,
        [NameOf<ushort>()] = Sum<ushort>,
        [NameOf<int>()] = Sum<int>,
        [NameOf<uint>()] = Sum<uint>,
        [NameOf<long>()] = Sum<long>,
        [NameOf<ulong>()] = Sum<ulong>,
        [NameOf<float>()] = Sum<float>,
        [NameOf<double>()] = Sum<double>,
        [NameOf<decimal>()] = Sum<decimal>,
    };

    /// <summary>The name of a number's type in operations.</summary>
    /// <exception cref="NotSupportedException">It cannot be added.</exception>
    public static string TypeOf<T>() => Sums.ContainsKey(NameOf<T>()) ? NameOf<T>() : throw new NotSupportedException($"{typeof(T)} cannot be added: take a number of .NET with up to 64 bits, or decimal");

    /// <summary>The sum as <see cref="RawJson"/>, or why there is none as <see cref="Refused"/>.</summary>
    public static object Add(string type, RawJson to, RawJson delta) => Sums.TryGetValue(type, out var sum) ? sum(to, delta) : new Refused(Refusal.NotANumber);

    private static string NameOf<T>() => typeof(T).Name;

    private static object Sum<T>(RawJson to, RawJson delta)
        where T : INumber<T>
    {
        if (!TryRead<T>(to, out var left) || !TryRead<T>(delta, out var right))
            return new Refused(Refusal.NotANumber);
        try
        {
            var sum = checked(left + right);
            // The shortest text that reads back as the same number, which is what the serializer writes too.
            return T.IsFinite(sum) ? new RawJson(System.Text.Encoding.ASCII.GetBytes(sum.ToString(null, CultureInfo.InvariantCulture))) : new Refused(Refusal.Overflow);
        }
        catch (OverflowException)
        {
            return new Refused(Refusal.Overflow);
        }
    }

    private static bool TryRead<T>(RawJson value, out T number)
        where T : INumber<T>
    {
        number = T.Zero;
        return Json.IsNull(value) || T.TryParse(value.Utf8.Span, NumberStyles.Float, CultureInfo.InvariantCulture, out number!);
    }
}
