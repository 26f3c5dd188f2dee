using Broker.Contracts;

namespace Broker.Tests.Unit.Jobs;

/// <summary>What a handler reported.</summary>
internal sealed class Reports : IProgressSink
{
    public List<(double? Fraction, string? Text)> All { get; } = [];

    public void Report(long index, double? fraction, string? text) => All.Add((fraction, text));
}
