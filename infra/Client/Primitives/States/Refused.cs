namespace Broker.Primitives.States;

/// <summary>Why an operation was refused; it then changed nothing.</summary>
internal enum Refusal
{
    /// <summary>The state would be larger than <see cref="StateSize.Limit"/>.</summary>
    TooLarge,

    /// <summary>The index lies outside of the elements.</summary>
    OutOfRange,

    /// <summary>The array exists with another length.</summary>
    OtherLength,

    /// <summary>What is to be added to is no number of that type.</summary>
    NotANumber,

    /// <summary>The sum lies outside of what the number's type holds.</summary>
    Overflow,

    /// <summary>The queue is closed.</summary>
    Closed,
}

/// <summary>The outcome of an operation that was refused.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Actual">What is there: of <see cref="Refusal.OtherLength"/> the length, of <see cref="Refusal.OutOfRange"/> the number of elements.</param>
internal sealed record Refused(Refusal Reason, long Actual = 0);
