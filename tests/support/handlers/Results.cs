using Broker.Contracts;
using Broker.Tests.Phrases;

namespace Broker.Tests.Handlers;

/// <summary>A result with this number of letters.</summary>
public sealed record Large(int Letters) : IJob<string>
{
    public static string Kind => KindSuffix.Of("large");
}

public sealed class LargeHandler : IJobHandler<Large, string>
{
    public Task<string> HandleAsync(Large args, JobContext job) => Task.FromResult(new string('x', args.Letters));
}

/// <summary>A result that contains itself, which JSON cannot represent.</summary>
public sealed record Cyclic(long Number = 0) : IJob<Ring>
{
    public static string Kind => KindSuffix.Of("cyclic");
}

public sealed class Ring
{
    public Ring Next => this;
}

public sealed class CyclicHandler : IJobHandler<Cyclic, Ring>
{
    public Task<Ring> HandleAsync(Cyclic args, JobContext job) => Task.FromResult(new Ring());
}

/// <summary>A result that raises an exception when it is read.</summary>
public sealed record Broken : IJob<Shard>
{
    public static string Kind => KindSuffix.Of("broken");
}

public sealed class Shard(string? rest)
{
    public string Whole => rest ?? throw new KeyNotFoundException("there is only a part");
}

public sealed class BrokenHandler : IJobHandler<Broken, Shard>
{
    public Task<Shard> HandleAsync(Broken args, JobContext job) => Task.FromResult(new Shard(null));
}

/// <summary>Two required parameters.</summary>
public sealed record Pair(long Left, long Right) : IJob<string>
{
    public static string Kind => KindSuffix.Of("pair");
}

public sealed class PairHandler : IJobHandler<Pair, string>
{
    public Task<string> HandleAsync(Pair args, JobContext job) => Task.FromResult($"{args.Left}/{args.Right}");
}

/// <summary>Needs a DLL that exists only beside this one.</summary>
public sealed record Reversed(string Text) : IJob<string>
{
    public static string Kind => KindSuffix.Of("reversed");
}

public sealed class ReversedHandler : IJobHandler<Reversed, string>
{
    public Task<string> HandleAsync(Reversed args, JobContext job) => Task.FromResult(Phrase.Reverse(args.Text));
}
