using System.Numerics;

namespace Broker.Primitives;

/// <summary>Sums of numbers that processes share: an addition is one step, so none is lost, and none needs a lock. It is done in the type's own arithmetic.</summary>
public static class BrokerNumbers
{
    /// <summary>Adds to the value; one that was never set is zero.</summary>
    /// <returns>The sum.</returns>
    /// <exception cref="OverflowException">The sum does not fit into the type: nothing was changed.</exception>
    /// <exception cref="NotSupportedException">The type is none of .NET's numbers up to 64 bits, nor <see cref="decimal"/>.</exception>
    /// <exception cref="InvalidOperationException">What is there is no such number.</exception>
    /// <exception cref="Connection.BrokerUnavailableException">The broker was away for 30 seconds: it may have been added.</exception>
    public static Task<T> AddAsync<T>(this BrokerValue<T> value, T delta, CancellationToken cancellationToken = default)
        where T : struct, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.AddAsync(delta, cancellationToken);
    }

    /// <summary>Adds to an element.</summary>
    /// <inheritdoc cref="AddAsync{T}(BrokerValue{T}, T, CancellationToken)"/>
    public static Task<T> AddAsync<T>(this BrokerArray<T> array, int index, T delta, CancellationToken cancellationToken = default)
        where T : struct, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(array);
        return array.AddAsync(index, delta, cancellationToken);
    }

    /// <summary>Adds to the value of a key; one that is missing is zero, and added.</summary>
    /// <inheritdoc cref="AddAsync{T}(BrokerValue{T}, T, CancellationToken)"/>
    public static Task<T> AddAsync<T>(this BrokerDictionary<T> dictionary, string key, T delta, CancellationToken cancellationToken = default)
        where T : struct, INumber<T>
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        return dictionary.AddAsync(key, delta, cancellationToken);
    }
}
