using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Broker.Analyzers;

/// <summary>Reports job types without a kind (BROKER001) and constant kinds that break the rule (BROKER002).</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class JobKindAnalyzer : DiagnosticAnalyzer
{
    private const string JobInterface = "Broker.Contracts.IJob`1";

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [KindRules.Missing, KindRules.Invalid];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        // A generated job type fails at run time like any other.
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(start =>
        {
            if (start.Compilation.GetTypeByMetadataName(JobInterface) is not { } job)
                return;

            start.RegisterSymbolAction(symbol => CheckDeclared(symbol, job), SymbolKind.NamedType);
            start.RegisterOperationBlockAction(block => CheckName(block, job));
        });
    }

    private static void CheckDeclared(SymbolAnalysisContext context, INamedTypeSymbol job)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind is not (TypeKind.Class or TypeKind.Struct) || type.IsAbstract || !IsJob(type, job))
            return;

        for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            if (declaring.GetMembers("Kind").OfType<IPropertySymbol>().Any(KindRules.IsKind))
                return;
        }

        context.ReportDiagnostic(Diagnostic.Create(KindRules.Missing, type.Locations[0], type.Locations.Skip(1), type.Name, KindRules.Suggest(type.Name)));
    }

    private static void CheckName(OperationBlockAnalysisContext context, INamedTypeSymbol job)
    {
        var owner = context.OwningSymbol is IMethodSymbol { MethodKind: MethodKind.PropertyGet } getter ? getter.AssociatedSymbol : context.OwningSymbol;
        if (owner is not IPropertySymbol property || !KindRules.IsKind(property) || !IsJob(property.ContainingType, job))
            return;

        foreach (var value in context.OperationBlocks.Select(ValueOf))
        {
            if (value is { ConstantValue: { HasValue: true, Value: var constant } } && !KindRules.IsValid(constant as string ?? ""))
            {
                var type = property.ContainingType.Name;
                context.ReportDiagnostic(Diagnostic.Create(KindRules.Invalid, value.Syntax.GetLocation(), constant as string ?? "", type, KindRules.Suggest(type)));
            }
        }
    }

    /// <summary>The value of <c>Kind => value</c>, <c>Kind { get => value; }</c>, <c>{ get { return value; } }</c> or <c>{ get; } = value</c>.</summary>
    private static IOperation? ValueOf(IOperation block) => block switch
    {
        IBlockOperation { Operations: { Length: 1 } statements } when statements[0] is IReturnOperation { ReturnedValue: var value } => value,
        IPropertyInitializerOperation initializer => initializer.Value,
        _ => null,
    };

    private static bool IsJob(INamedTypeSymbol type, INamedTypeSymbol job) =>
        type.AllInterfaces.Any(implemented => SymbolEqualityComparer.Default.Equals(implemented.OriginalDefinition, job));
}
