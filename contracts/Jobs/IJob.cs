namespace Broker.Contracts;

/// <summary>
/// The arguments of one kind of job. Implemented by a record that also says its kind:
/// <code>public sealed record Triple(long Number) : IJob&lt;long&gt; { public static string Kind => "triple"; }</code>
/// An item fits such a record as a JSON object (<c>{"number":5}</c>), as an array of its parameters in order (<c>[5]</c>), or,
/// when all parameters but the first are optional, as the bare first value (<c>5</c>).
/// </summary>
/// <typeparam name="TResult">What the handler returns; travels as JSON (camelCase).</typeparam>
public interface IJob<TResult>
{
    /// <summary>
    /// The stable name of the kind: lower-case letters, digits, dot, dash and underscore, 100 at most. It names the queue, so
    /// changing it orphans the jobs that wait there. Virtual rather than abstract, because C# allows no type argument with abstract
    /// statics and <c>MapAsync</c> takes a sequence of <see cref="IJob{TResult}"/>. A record without it does not compile (BROKER001, from the
    /// analyzer in this package) and, where that analyzer does not run, is refused when it is first used.
    /// </summary>
    static virtual string Kind => "";
}
