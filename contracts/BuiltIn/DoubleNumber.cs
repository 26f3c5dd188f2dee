namespace Broker.Contracts.BuiltIn;

/// <summary>Twice a number (named so because System.Double is in every file): the smallest useful job, for a first try and for measuring. Fails on overflow of 64 bits.</summary>
public sealed record DoubleNumber(long Number) : IJob<long>
{
    public static string Kind => "double";
}
